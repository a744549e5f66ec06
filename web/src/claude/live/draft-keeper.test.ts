import { describe, expect, it, vi } from "vitest";
import type { Live } from "../../lib/live.ts";
import { DraftKeeper } from "./draft-keeper.ts";
import { type Draft, noDraft } from "./drafts.ts";

/** The server's end, and two devices before it. */
class Server {
  draft: Pick<Draft, "text" | "attachments"> = { text: "", attachments: [] };
  online = true;
  saves = 0;
  readonly connected: (() => void)[] = [];

  device(memory: { draft: Draft } = { draft: noDraft }) {
    const taken: string[] = [];
    const live: Pick<Live, "command" | "onConnected"> = {
      command: (async (type: string, _: string, payload: Pick<Draft, "text" | "attachments">) => {
        if (!this.online) throw new Error("offline");
        if (type === "conversation.drafts") return { drafts: this.draft.text === "" ? [] : [this.draft] };
        this.saves += 1;
        this.draft = { text: payload.text, attachments: payload.attachments };
        return {};
      }) as Live["command"],
      onConnected: (act) => {
        this.connected.push(act);
        act();
        return () => void this.connected.splice(this.connected.indexOf(act), 1);
      },
    };
    let comeBack = () => {};
    const keeper = new DraftKeeper({
      ...{ live, sessionId: "s", conversationId: "c" },
      read: () => memory.draft,
      write: (draft) => {
        memory.draft = draft;
      },
      onTaken: ({ text }) => taken.push(text),
      onReturn: (listener) => {
        comeBack = listener;
        return () => {};
      },
      restMs: [0, 0],
    });
    const end = keeper.start();
    return { keeper, taken, memory, end, comeBack: () => comeBack() };
  }

  reconnect(): void {
    this.online = true;
    for (const act of [...this.connected]) act();
  }
}

const written = (text: string) => ({ text, attachments: [] });

describe("a draft", () => {
  it("is on another device what it was on the first, and gone from both when it is sent", async () => {
    const server = new Server();
    const desk = server.device();
    desk.keeper.change(written("half a thought"));
    await vi.waitFor(() => expect(desk.memory.draft).toMatchObject({ text: "half a thought", saved: true }));
    const phone = server.device();
    await vi.waitFor(() => expect(phone.taken).toEqual(["half a thought"]));
    phone.keeper.change(written(""));
    await vi.waitFor(() => expect(server.draft.text).toBe(""));
    server.reconnect();
    await vi.waitFor(() => expect(desk.taken).toEqual([""]));
  });

  it("is what another device made of it, for somebody who comes back to a page that stayed open", async () => {
    const server = new Server();
    const desk = server.device();
    desk.keeper.change(written("half a thought"));
    await vi.waitFor(() => expect(desk.memory.draft).toMatchObject({ text: "half a thought", saved: true }));
    const phone = server.device();
    await vi.waitFor(() => expect(phone.taken).toEqual(["half a thought"]));
    phone.keeper.change(written("a whole thought"));
    await vi.waitFor(() => expect(server.draft.text).toBe("a whole thought"));
    desk.comeBack();
    await vi.waitFor(() => expect(desk.taken).toEqual(["a whole thought"]));
  });

  it("that was written without a connection wins over what the server has", async () => {
    const server = new Server();
    const desk = server.device();
    server.online = false;
    desk.keeper.change(written("in the tunnel"));
    desk.end();
    expect(desk.memory.draft).toMatchObject({ text: "in the tunnel", saved: false });
    server.draft = written("older");
    const again = server.device(desk.memory);
    server.reconnect();
    await vi.waitFor(() => expect(server.draft.text).toBe("in the tunnel"));
    expect(again.taken).toEqual([]);
  });

  it("is not overwritten by an answer that comes while one writes, and an unchanged one is not sent", async () => {
    const server = new Server();
    server.draft = written("from elsewhere");
    const desk = server.device();
    desk.keeper.change(written("my own"));
    await vi.waitFor(() => expect(server.draft.text).toBe("my own"));
    expect(desk.taken).toEqual([]);
    const { saves } = server;
    desk.keeper.change(written("my own"));
    desk.end();
    expect(server.saves).toBe(saves);
  });
});
