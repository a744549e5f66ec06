import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";

const results = fileURLToPath(new URL("../../test-results", import.meta.url));

/** Debian's chromium where there is one, else the one that npm carries. */
export async function findChromium(): Promise<{ executablePath: string; args: string[] }> {
  const installed = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
    existsSync,
  );
  if (installed !== undefined) return { executablePath: installed, args: [] };
  const carried = (await import("@sparticuz/chromium")).default;
  return { executablePath: await carried.executablePath(), args: carried.args };
}

/** Those that run: what they show when a test fails is told (tell-of-pages.ts). */
export const browsers = new Set<Browser>();

/** A headless browser; as root it has no sandbox of its own, which is fine for pages of ours. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, args } = await findChromium();
  const browser = await chromium.launch({
    executablePath,
    args: [...args, "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
  });
  browsers.add(browser);
  browser.on("disconnected", () => browsers.delete(browser));
  return browser;
}

/** What a page must not do: throw, or log an error. Returns what it did so far. */
export function watchForErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(`thrown: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`logged: ${message.text()} ${message.location().url}`);
  });
  return errors;
}

/** Keeps a picture of the page under test-results/, for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(results, { recursive: true });
  await page.screenshot({ path: join(results, `${name}.png`) });
}
