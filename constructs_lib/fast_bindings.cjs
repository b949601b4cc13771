// Loaded into the jsii kernel's Node before anything else.
"use strict";
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");
const threads = require("node:worker_threads");

// Where prebuilt bindings of a provider are asked for, give their index that loads each resource when
// it is used, not all of them at once.
const eager = /([\\/]@cdktf[\\/]provider-[^\\/]+[\\/](?:.*[\\/])?lib[\\/])index\.js$/;
const resolve = Module._resolveFilename;

if (typeof resolve === "function") {
  Module._resolveFilename = function (...request) {
    const file = resolve.apply(this, request);
    const lazy = String(file).replace(eager, "$1lazy-index.js");
    return lazy !== file && fs.existsSync(lazy) ? lazy : file;
  };
}

// cdktf keeps the JavaScript stack of each token for its errors: frames of jsii, none of the program.
const traces = /[\\/]cdktf[\\/]lib[\\/]tokens[\\/]private[\\/]stack-trace\.js$/;
const load = Module._extensions?.[".js"];

if (typeof load === "function") {
  Module._extensions[".js"] = function (module, file, ...more) {
    load.call(this, module, file, ...more);
    if (traces.test(file)) module.exports.captureStackTrace = () => [];
  };
}

// The first time, jsii has workers write an index of each package, which loads in half the time from
// then on. Its end would end them: where one is at work, Node ends by itself, when all are done.
if (threads.isMainThread) {
  const exit = process.exit;
  let working = 0;
  threads.Worker = class extends threads.Worker {
    constructor(...given) {
      super(...given);
      working += 1;
      this.on("exit", () => (working -= 1));
    }
  };
  process.exit = (code) => (working ? (process.exitCode = code) : exit.call(process, code));
}

// The Node that fast_bindings.py starts removes its folder itself, for Python may have been killed.
if (threads.isMainThread && process.argv[1] === path.join(os.tmpdir(), "lib", "program.js")) {
  process.on("exit", () => fs.rmSync(os.tmpdir(), { recursive: true, force: true }));
}
