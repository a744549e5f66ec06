/**
 * What `dist/agent.js` is: starts the bundle beside it from the code that V8 compiled when it was built, which saves
 * half of an agent's start. Code of another V8 is refused by V8 itself and compiled anew; the bundle's name is its
 * hash, so the two always belong together.
 */
const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { Script } = require("node:vm");

const filename = join(__dirname, BUNDLE);
/** Given while the agent is built: where the compiled code shall go. */
const [, , record] = process.argv;

function readCode() {
  try {
    return readFileSync(`${filename}.code`);
  } catch {
    return undefined;
  }
}

// The bundler leaves nothing but ASCII, and strings of single bytes are made fastest.
const source = readFileSync(filename, "latin1");
const wrapped = `(function (exports, require, module, __filename, __dirname) {${source}\n})`;
const script = new Script(wrapped, { filename, cachedData: readCode() });
script.runInThisContext()(exports, require, module, __filename, __dirname);

if (record !== undefined) {
  process.once("SIGUSR2", () => {
    writeFileSync(record, script.createCachedData());
    process.exit(0);
  });
}
