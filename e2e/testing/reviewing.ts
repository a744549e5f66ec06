import type { Session } from "@remote-claude/protocol";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { ScriptedModel } from "../scripted-model/index.ts";
import type { Client } from "./client.ts";
import type { Product } from "./product.ts";

export interface ReviewNeeds {
  readonly page: Page;
  readonly product: Product;
  readonly client: Client;
  readonly model: ScriptedModel;
  /** Axe finds nothing on the page as it is. */
  expectSound(): Promise<void>;
}

const file_path = "{{workspace}}/src/greet.ts";
const tool = (name: string, input: Record<string, unknown>) => ({
  content: [{ type: "tool_use" as const, name, input }],
});
const lines = (count: number) => Array.from({ length: count }, (_, line) => `line ${line}`).join("\n");

/** One who looks at what Claude changed, and says what they think of it; with a session of their own. */
export class Reviewer {
  readonly #needs: ReviewNeeds;
  #session: Session | null = null;

  constructor(needs: ReviewNeeds) {
    this.#needs = needs;
  }

  get #page(): Page {
    return this.#needs.page;
  }

  async #run(command: string): Promise<string> {
    const { stdout, stderr } = await this.#needs.client.execute(this.#session?.id ?? "", command);
    return stdout + stderr;
  }

  #change(index: number, count: number) {
    return this.#page.getByRole("group", { name: `Change ${index} of ${count}` });
  }

  #file(name: RegExp) {
    return this.#page.getByRole("tree", { name: "Changed files" }).getByRole("treeitem", { name });
  }

  /** A workspace becomes a repository, and all in it the first commit; everything by the keyboard that can be. */
  async commitFirst(): Promise<void> {
    const { product, client } = this.#needs;
    this.#session = await client.createSession({ name: "Reviewed" });
    await this.#run(`mkdir src; printf '${lines(40).replaceAll("\n", "\\n")}\\n' > src/greet.ts`);
    const page = this.#page;
    await page.goto(`${product.url}/sessions/${this.#session.id}`);
    await page.getByRole("tab", { name: /^Files/ }).waitFor();
    await page.keyboard.press("Control+Shift+G");
    await page.getByRole("button", { name: "Make it a repository" }).click();
    await this.#file(/greet\.ts/).waitFor();
    await page.getByRole("button", { name: "Commit…" }).click();
    const dialog = page.getByRole("dialog", { name: "Commit" });
    await dialog.getByRole("textbox", { name: "Message" }).fill("Begin");
    await dialog.getByRole("textbox", { name: "Name" }).fill("Ada Lovelace");
    await dialog.getByRole("button", { name: "Commit 1 file" }).waitFor();
    await dialog.getByRole("textbox", { name: "Message" }).press("Control+Enter");
    await page.getByText("Nothing has changed since the last commit.").waitFor();
    expect(await this.#run("git log --format='%s %an'")).toBe("Begin Ada Lovelace\n");
  }

  /** Claude edits, and the edit is there to be looked at: against the commit, and against what was before it. */
  async lookAtEdits(): Promise<void> {
    const { page, model } = this.#needs;
    const edit = (old_string: string, new_string: string) =>
      tool("Edit", { file_path, old_string, new_string });
    const steps = [
      tool("Read", { file_path }),
      edit("line 3\n", "line three\n"),
      edit("line 30\n", "line thirty\n"),
      { content: [{ type: "text" as const, text: "Both are edited." }] },
    ];
    model.director.define("edit-twice", { steps });
    await this.#run("echo by-hand > by-hand.txt");
    await page.getByRole("textbox", { name: "Message Claude" }).fill("[[script:edit-twice]] Edit it");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("button", { name: "Allow for this session" }).click();
    await page.getByText("Both are edited.").waitFor();
    await this.#file(/by-hand\.txt.*added/).waitFor();
    await page.getByRole("combobox", { name: "Which changes" }).click();
    await page.getByRole("option", { name: /By Claude/ }).click();
    await this.#file(/by-hand/).waitFor({ state: "detached" });
    await this.#file(/greet\.ts.*modified/).click();
    await this.#change(1, 2).waitFor();
    await expect
      .poll(() => page.getByRole("region", { name: "Editor" }).textContent())
      .toContain("line\u00a0three");
    await this.#needs.expectSound();
  }

  /** Comments on several lines go to Claude as one message, with the code they are about. */
  async comment(): Promise<void> {
    const page = this.#page;
    await this.#change(1, 2).getByRole("button", { name: "Comment" }).click();
    await page.getByRole("textbox", { name: "Comment on line 4" }).fill("In capitals, please.");
    await page.keyboard.press("Control+Enter");
    await this.#change(2, 2).getByRole("button", { name: "Comment" }).click();
    await page.getByRole("textbox", { name: "Comment on line 31" }).fill("This one too.");
    await page.getByRole("button", { name: "Add comment" }).click();
    // On a phone the button that sends them lies in another pane, to which the editor leads.
    const size = page.viewportSize() ?? { width: 1440, height: 900 };
    await page.setViewportSize({ width: 390, height: 844 });
    const panes = page.getByRole("navigation", { name: "Panes" });
    await panes.getByRole("button", { name: "Editor" }).click();
    await page.getByRole("button", { name: "2 comments to send to Claude" }).click();
    await page.getByRole("button", { name: "Send 2 comments to Claude" }).waitFor();
    await page.setViewportSize(size);
    // They are not lost with the page.
    await page.reload();
    await page.getByRole("tab", { name: /^Files/ }).waitFor();
    await page.keyboard.press("Control+Shift+G");
    await page.getByRole("button", { name: "Send 2 comments to Claude" }).click();
    const log = page.getByRole("log", { name: "Conversation" });
    await log.getByText("I have looked at your changes and have 2 comments:").waitFor();
    await log.getByText("src/greet.ts:4", { exact: false }).first().waitFor();
    await page.getByRole("button", { name: /comments to Claude/ }).waitFor({ state: "detached" });
  }

  /** A change is accepted, another one taken back; what a terminal does is seen at once. */
  async acceptAndRevert(): Promise<void> {
    const page = this.#page;
    await this.#file(/greet\.ts/).click();
    await this.#change(1, 2).getByRole("button", { name: "Accept" }).click();
    await this.#change(1, 2).getByRole("button", { name: "Accepted" }).waitFor();
    await this.#change(2, 2).getByRole("button", { name: "Revert" }).click();
    await this.#change(1, 1).getByRole("button", { name: "Accepted" }).waitFor();
    expect(await this.#run("git diff --stat | tail -1")).toContain("1 insertion(+), 1 deletion(-)");
    await this.#file(/greet\.ts.*accepted/).waitFor();
    await this.#run("sed -i 's/line 20$/line twenty/' src/greet.ts");
    await this.#change(2, 2).waitFor();
    await page.getByRole("button", { name: "Revert this file" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Revert" }).click();
    await page.getByText("Claude has changed no files here").waitFor();
    expect(await this.#run("git status --short")).toBe("?? by-hand.txt\n");
  }

  /** Claude writes the message; a hook refuses, and says why. */
  async commitWithClaude(): Promise<void> {
    const { page, model } = this.#needs;
    const hook = "printf '#!/bin/sh\\necho three tests fail; exit 1\\n' > .git/hooks/pre-commit";
    await this.#run(`${hook}; chmod +x .git/hooks/pre-commit`);
    model.director.setDefault({
      steps: [{ content: [{ type: "text", text: "```\nAdd what was made by hand\n```" }] }],
    });
    await page.getByRole("button", { name: "Commit…" }).click();
    const dialog = page.getByRole("dialog", { name: "Commit" });
    await dialog.getByRole("button", { name: "Let Claude write it" }).click();
    const message = dialog.getByRole("textbox", { name: "Message" });
    await expect.poll(() => message.inputValue()).toBe("Add what was made by hand");
    await this.#needs.expectSound();
    await dialog.getByRole("button", { name: "Commit 1 file" }).click();
    await dialog.getByText("three tests fail").first().waitFor();
    await this.#run("rm .git/hooks/pre-commit");
    await dialog.getByRole("button", { name: "Commit 1 file" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await this.#run("git log -1 --format=%s")).toBe("Add what was made by hand\n");
  }

  /** What goes with a message: by paste, drop and button, by @ from the files and from what they declare. */
  async write(): Promise<void> {
    const { page } = this.#needs;
    await this.#run("printf 'export class Greeter {\\n}\\n' > src/greeter.ts");
    const box = page.getByRole("textbox", { name: "Message Claude" });
    await box.click();
    const give = (type: "paste" | "drop", name: string, where = box) =>
      where.evaluate(
        (element, [kind, fileName]) => {
          const data = new DataTransfer();
          data.items.add(new File(["some text"], fileName ?? "", { type: "text/plain" }));
          const event =
            kind === "paste"
              ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
              : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
          element.dispatchEvent(event);
        },
        [type, name],
      );
    await give("paste", "pasted.txt");
    await page.getByText(/-pasted\.txt/).waitFor();
    // Not on the text box alone.
    await give("drop", "dropped.txt", page.locator("[data-claude-conversation]"));
    await page.getByText(/-dropped\.txt/).waitFor();
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Add to message" }).click();
    await page.getByRole("menuitem", { name: /Attach images or files/ }).click();
    await (await chooser).setFiles({ name: "chosen.txt", mimeType: "text/plain", buffer: Buffer.from("x") });
    await page.getByText(/-chosen\.txt/).waitFor();
    await box.fill("Look at ");
    await box.press("End");
    await page.keyboard.type("@srgret");
    await page.getByRole("option", { name: /greeter\.ts src/ }).waitFor();
    await page.keyboard.press("Enter");
    await expect.poll(() => box.inputValue()).toMatch(/^Look at @src\/greet(er)?\.ts $/);
    await page.keyboard.type("and @Greeter");
    await page.getByRole("option", { name: /Greeter src\/greeter\.ts:1 class/ }).click();
    await expect.poll(() => box.inputValue()).toContain("and `Greeter` ");
    await page.keyboard.press("Enter");
    const log = page.getByRole("log", { name: "Conversation" });
    await log.getByText(/-pasted\.txt/).waitFor();
    await log.getByText(/greeter\.ts:1/).waitFor();
    expect(await this.#run("cat uploads/*-pasted.txt uploads/*-dropped.txt uploads/*-chosen.txt")).toBe(
      "some textsome textx",
    );
  }

  /** Every key can be found by a key. */
  async lookUpKeys(): Promise<void> {
    const page = this.#page;
    const box = page.getByRole("textbox", { name: "Message Claude" });
    await box.focus();
    await page.keyboard.press("Control+Shift+?");
    const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await dialog.getByText("Ctrl+Shift+G", { exact: true }).waitFor();
    await dialog.getByText("Next change").or(dialog.getByText("Attach the selection")).first().waitFor();
    await this.#needs.expectSound();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    const hasFocus = (locator: Locator) => locator.evaluate((element) => element === document.activeElement);
    await expect.poll(() => hasFocus(box)).toBe(true);
    // A dialog that a menu has opened leads back to the menu's button.
    const menu = page.getByRole("button", { name: "More for this conversation" });
    await menu.press("Enter");
    await page.getByRole("menuitem", { name: "Rename…" }).press("Enter");
    await page.getByRole("dialog", { name: "Rename conversation" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => hasFocus(menu)).toBe(true);
    // Also when it was pressed by the mouse, which gives a menu's button no focus.
    const more = page
      .getByRole("log", { name: "Conversation" })
      .getByRole("button", { name: "More for this message" });
    await more.last().click();
    await page.getByRole("menuitem", { name: "Go back to before this" }).click();
    await page.getByRole("dialog", { name: "Go back" }).waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => hasFocus(more.last())).toBe(true);
  }
}
