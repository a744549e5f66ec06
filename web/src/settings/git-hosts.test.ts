import { describe, expect, it } from "vitest";
import { gitAccountsLink, readGitHost } from "./git-hosts.ts";

describe("the host in what a person pastes", () => {
  it.each([
    ["GitHub.com", "github.com"],
    [" https://github.com/owner/project ", "github.com"],
    ["https://me:secret@git.example.org:8443/x.git", "git.example.org:8443"],
    ["http://127.0.0.2:4000/private/x.git", "127.0.0.2:4000"],
    ["https://github.com:443/x", "github.com"],
    ["ssh://git@gitlab.com/x.git", "gitlab.com"],
    ["git@bitbucket.org:owner/project.git", "bitbucket.org"],
    ["git.corp:3000", "git.corp:3000"],
  ])("%s is %s", (text, host) => expect(readGitHost(text)).toBe(host));

  it.each(["", "  ", "https://", "a b", "-x", "git@:x"])("%j is none", (text) =>
    expect(readGitHost(text)).toBeNull(),
  );

  it("is named in the link that leads to its credential", () => {
    expect(gitAccountsLink("https://git.corp:3000/x.git")).toBe(
      "/settings?git-host=git.corp%3A3000#git-accounts",
    );
    expect(gitAccountsLink(null)).toBe("/settings#git-accounts");
  });
});
