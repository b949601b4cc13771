// Loaded into the jsii kernel's Node before anything else: where prebuilt bindings of a provider are
// asked for, give their index that loads each resource when it is used, not all of them at once.
"use strict";
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");

const eager = /([\\/]@cdktf[\\/]provider-[^\\/]+[\\/](?:.*[\\/])?lib[\\/])index\.js$/;
const resolve = Module._resolveFilename;

if (typeof resolve === "function") {
  Module._resolveFilename = function (...request) {
    const file = resolve.apply(this, request);
    const lazy = String(file).replace(eager, "$1lazy-index.js");
    return lazy !== file && fs.existsSync(lazy) ? lazy : file;
  };
}

// The Node that fast_bindings.py starts removes its folder itself, for Python may have been killed.
if (process.argv[1] === path.join(os.tmpdir(), "lib", "program.js")) {
  process.on("exit", () => fs.rmSync(os.tmpdir(), { recursive: true, force: true }));
}
