import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { picture } from "../testing/browser.ts";
import type { Scene } from "./scene.ts";

/** Each within the limits of the session that does it, while a neighbour works. */
export function itExhaustsItselfAlone(scene: Scene, getPage: () => Page): void {
  const attack = (command: string) => scene.attack(command);
  /** Of the workspace's file system: bytes or files, how many there are and how many of them are taken. */
  const usage = async (what: "size,used" | "itotal,iused") => {
    const [total = 0, used = 0] = (await attack(`df --block-size=1K --output=${what} /workspace | tail -n 1`))
      .split(/\s+/)
      .filter(Boolean)
      .map(Number);
    return { total, used };
  };

  it("by processes", async () => {
    // Forks until it may not, as a bomb does; bash would wait and try again.
    const bomb = `python3 -c '
import os, time
made = 0
try:
    while made < 5000:
        if os.fork() == 0: time.sleep(60); os._exit(0)
        made += 1
except OSError as error: print(error.strerror, made)
'`;
    const [said] = await Promise.all([attack(`${bomb} & wait $!`), scene.neighbourWorks()]);
    expect(said).toMatch(/^Resource temporarily unavailable \d{2,3}$/);
    await attack("pkill python3; true");
    expect(await attack("echo back")).toContain("back");
  });

  it("by memory", async () => {
    const hog = "node -e 'const all=[];for(;;)all.push(Buffer.alloc(16<<20,1))'; echo ended $?";
    const [said] = await Promise.all([attack(hog), scene.neighbourWorks()]);
    expect(said).not.toMatch(/ended 0$/);
    await scene.client.untilState(scene.attacker, "running");
    expect(await attack("echo back")).toContain("back");
  });

  it("by one file that fills the disk", async () => {
    expect(await attack("dd if=/dev/zero of=/workspace/full bs=1M")).toContain("No space left on device");
    await scene.neighbourWorks();
    await attack("rm -f /workspace/full");
    expect(await attack("echo back > file && cat file")).toBe("back");
  });

  it("by a full disk, which is named to whoever writes there: by the api, and in the page", async () => {
    const { client, attacker, product } = scene;
    const page = getPage();
    const path = `/api/sessions/${attacker}/files/notes.txt`;
    const put = (body: string) => client.fetch(path, { method: "PUT", body });
    expect((await put("kept\n")).status).toBeLessThan(300);
    await page.goto(`${product.url}/sessions/${attacker}`);
    await page
      .getByRole("region", { name: "Explorer" })
      .getByRole("treeitem", { name: "notes.txt" })
      .dblclick();
    const lines = page.getByRole("region", { name: "Editor" }).locator(".monaco-editor .view-lines").first();
    await lines.getByText("kept").waitFor();
    await attack("dd if=/dev/zero of=/workspace/full bs=64k; dd if=/dev/zero of=/workspace/full2 bs=1");
    const answer = await put("x".repeat(64 * 1024));
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    expect(error).toMatchObject({ code: "quota_exceeded", message: expect.stringContaining("disk is full") });
    await lines.click();
    await page.keyboard.type("more");
    await page.keyboard.press("Control+s");
    await page.getByText("notes.txt could not be saved").waitFor();
    await page.getByText(/the session's disk is full/).waitFor();
    await picture(page, "disk-full");
    // What was typed is still there, and so is what the file held.
    expect(await attack("cat notes.txt; rm full full2")).toContain("kept");
    await page.keyboard.press("Control+s");
    await expect.poll(() => attack("cat notes.txt"), { timeout: 30_000 }).toContain("more");
    await scene.neighbourWorks();
  });

  it("by 100,000 files: each counts against what its disk can hold, and there are no more than that", async () => {
    const before = await usage("itotal,iused");
    const made = await attack(
      'mkdir -p /workspace/many && cd /workspace/many && node -e \'const fs=require("fs");let n=0;try{for(;n<100000;n++)fs.writeFileSync(String(n),"")}catch(e){console.log(e.code)}console.log(n)\'',
    );
    expect(made).toMatch(/^(?:ENOSPC\n\d+|100000)$/);
    const count = Number(made.split("\n").at(-1));
    const after = await usage("itotal,iused");
    expect(after.used - before.used).toBe(count + 1);
    // Of its 256 MB disk's, which a neighbour's are not.
    expect(after.total).toBe(before.total);
    if (count < 100_000) expect(after.used).toBe(after.total);
    await scene.neighbourWorks();
    await attack("rm -rf /workspace/many");
    expect(await usage("itotal,iused")).toEqual(before);
  });

  it("by a sparse file of 10 GB: it takes nothing until it is written, and then what is there", async () => {
    const before = await usage("size,used");
    expect(before.total).toBeLessThanOrEqual(256 * 1024);
    expect(await attack("truncate -s 10G /workspace/sparse && du -m /workspace/sparse | cut -f1")).toMatch(
      /^[01]$/,
    );
    const fill = "dd if=/dev/zero of=/workspace/sparse bs=1M seek=5000 conv=notrunc";
    expect(await attack(fill)).toContain("No space left on device");
    expect((await usage("size,used")).used).toBeLessThanOrEqual(before.total);
    await scene.neighbourWorks();
    await attack("rm -f /workspace/sparse");
    expect((await usage("size,used")).used).toBeLessThan(before.used + 1024);
  });

  it("by its temporary folders, which count as its memory", async () => {
    const sizes = await attack("df -m --output=size /tmp /dev/shm | tail -n +2");
    expect(sizes.split(/\s+/).filter(Boolean).map(Number)).toEqual([128, 64]);
    const fill = (folder: string) =>
      attack(`dd if=/dev/zero of=${folder}/full bs=1M count=2000; rm -f ${folder}/full`);
    for (const folder of ["/tmp", "/dev/shm"])
      expect(await fill(folder)).toContain("No space left on device");
    expect(await attack("echo back")).toBe("back");
    await scene.neighbourWorks();
  });

  it("by its log, which the engine keeps short", async () => {
    const log = await scene.inspect(scene.neighbourPlace, "{{json .HostConfig.LogConfig}}");
    expect(JSON.parse(log)).toMatchObject({ Config: { "max-size": "2m", "max-file": "2" } });
  });
}
