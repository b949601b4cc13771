#!/usr/bin/env bash
# Plan every synthesized stack, with these arguments for `terraform plan`: into plan.bin in its
# folder, and as text into the log and the job's summary, under the review of it. The step's outputs
# are whether there are changes, a digest of all plans' texts, and whether a plan weakens a registry
# in a way that nobody has accepted. What Terraform holds to be secret
# is in none of these texts; plan.bin and plan.json hold it, and stay on this machine.
set -euo pipefail
umask 077
cd "$(dirname "$0")/.."
summary=${GITHUB_STEP_SUMMARY:-/dev/null}
changes=false
weakens=false

if [ ! -f .terraform.lock.hcl ]; then
  echo "::error::The provider's hashes are not locked: run \`make lock\`, and commit .terraform.lock.hcl"
  exit 1
fi

# Of all stacks, before any is planned. Where no backend is named, Terraform's is local.
is_remote='
import json, sys
terraform = json.load(open(sys.argv[1]))["terraform"]
sys.exit("cloud" not in terraform and not set(terraform.get("backend", {})) - {"local"})'
for stack in cdktf.out/stacks/*; do
  if ! python3 -c "$is_remote" "$stack/cdk.tf.json"; then
    echo "::error::The state of $stack is a local file: it would go with this machine, and so would" \
      "what Terraform knows of the registry. Set a remote backend: docs/pipelines.md"
    exit 1
  fi
done

# Terraform merges each of these with what the program has written, and the review has not seen it.
for stack in cdktf.out/stacks/*; do
  for file in "$stack"/*.tf "$stack"/*.tf.json "$stack"/terraform.tfvars{,.json} \
    "$stack"/*.auto.tfvars{,.json}; do
    if [ "${file##*/}" != cdk.tf.json ] && { [ -e "$file" ] || [ -L "$file" ]; }; then
      printf '::error::%q is not of the program, and Terraform would read it: delete it\n' "$file"
      exit 1
    fi
  done
done

# What a value of a plan holds is neither a command to GitHub's runner nor a line of its own in what a
# person reads: visible.py. The digest is of the plans as they are.
{
  for stack in cdktf.out/stacks/*; do
    terraform -chdir="$stack" init -input=false -no-color -lockfile=readonly
    status=0
    terraform -chdir="$stack" plan -input=false -no-color -detailed-exitcode -out=plan.bin "$@" ||
      status=$?
    case $status in
      0) ;;
      2) changes=true ;;
      *) exit 1 ;;
    esac
    terraform -chdir="$stack" show -no-color plan.bin > "$stack/plan.txt"
    terraform -chdir="$stack" show -json plan.bin > "$stack/plan.json"
    # That something weakens is for the person to weigh who is asked.
    status=0
    .venv/bin/python -m constructs_lib.review --plan "$stack/plan.json" > "$stack/review.md" ||
      status=$?
    case $status in
      0) ;;
      2) weakens=true ;;
      *) exit 1 ;;
    esac
  done

  # All reviews come first: a summary that is too long is cut at its end.
  for stack in cdktf.out/stacks/*; do
    cat "$stack/review.md"
    echo
  done > cdktf.out/summary.md
  for stack in cdktf.out/stacks/*; do
    printf '### Plan of %s\n\n' "${stack##*/}"
    sed 's/^/    /' "$stack/plan.txt"
    echo
  done >> cdktf.out/summary.md
  python3 .github/visible.py summary < cdktf.out/summary.md >> "$summary"

  digest=$(sha256sum cdktf.out/stacks/*/plan.txt | sha256sum | cut -d ' ' -f 1)
  printf 'changes=%s\ndigest=%s\nweakens=%s\n' "$changes" "$digest" "$weakens" \
    >> "${GITHUB_OUTPUT:-/dev/null}"
} 2>&1 | python3 .github/visible.py log
