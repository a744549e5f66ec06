/** Prints a link that signs the first admin in, once, within an hour. Runs in the api's container. */
import { readFileSync } from "node:fs";

const { API_PORT, INTERNAL_SECRET, INTERNAL_SECRET_FILE, PUBLIC_URL } = process.env;
const secret = INTERNAL_SECRET || readFileSync(INTERNAL_SECRET_FILE, "utf8").trim();
const response = await fetch(`http://127.0.0.1:${API_PORT}/internal/sign-in-links`, {
  method: "POST",
  headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
  body: "{}",
});
if (!response.ok) throw new Error(`the api answers ${response.status}`);
// Behind `#`: browsers do not send it, so no log of a server or proxy holds it.
console.log(`${PUBLIC_URL}/sign-in/link#${(await response.json()).token}`);
