import {
  deleteGitCredential,
  listGitCredentials,
  putGitCredential,
  testGitCredential,
} from "@remote-claude/protocol";
import { implement } from "../http/implement.ts";
import { presentGitCredential } from "./present.ts";
import * as service from "./service.ts";

export const gitCredentialRoutes = {
  listGitCredentials: implement(listGitCredentials, async ({ context, principal }) => ({
    gitCredentials: (await service.listGitCredentials(context, principal)).map(presentGitCredential),
  })),

  putGitCredential: implement(putGitCredential, async ({ context, principal, params, body }) => ({
    gitCredential: presentGitCredential(
      await service.putGitCredential(context, principal, params.host, body),
    ),
  })),

  deleteGitCredential: implement(deleteGitCredential, async ({ context, principal, params }) => {
    await service.deleteGitCredential(context, principal, params.host);
  }),

  testGitCredential: implement(testGitCredential, ({ context, principal, params, body }) =>
    service.testGitCredential(context, principal, params.host, body.repository ?? null),
  ),
};
