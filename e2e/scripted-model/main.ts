import { parseArgs } from "node:util";
import { ScriptedModel } from "./server.ts";

/** Runs the scripted model by hand: `node e2e/scripted-model/main.ts --port 4010`. */
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "4010" },
    host: { type: "string", default: "127.0.0.1" },
    scripts: { type: "string" },
  },
});
const model = new ScriptedModel(values.scripts === undefined ? {} : { scripts: values.scripts });
const url = await model.listen(Number(values.port), values.host);
console.log(JSON.stringify({ msg: "listening", url }));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => void model.close());
