/**
 * Prints the image's /etc/gitconfig: what git goes by where the agent's environment does not reach, such as in a
 * shell of `docker exec`. Run with Node when the image is built.
 */
import { gitConfigText } from "./git-config.ts";

// As insidePlace in protocol has it, which is not there to be imported when this runs.
process.stdout.write(gitConfigText({ origin: "http://127.0.0.1:3129", workspace: "/workspace" }));
