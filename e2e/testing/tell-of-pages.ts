import { afterEach } from "vitest";
import { browsers, picture } from "./browser.ts";

/** A failure in a browser is understood by what its pages showed: their addresses and words, and a picture of each. */
afterEach(async ({ task }) => {
  if (task.result?.state !== "fail") return;
  const pages = [...browsers].flatMap((browser) => browser.contexts().flatMap((context) => context.pages()));
  for (const [index, page] of pages.entries()) {
    const words = await page.evaluate(() => document.body.innerText.slice(0, 1_500)).catch(String);
    const name = `failed-${task.name.replace(/\W+/g, "-").slice(0, 60)}-${index}`;
    await picture(page, name).catch(() => {});
    process.stderr.write(`\n● ${task.name}: page ${index} at ${page.url()} (${name}.png)\n${words}\n`);
  }
});
