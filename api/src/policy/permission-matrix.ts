import type { CommandType, RouteName } from "@remote-claude/protocol";

/**
 * Who asks. `disabled`, `expired` and `narrow` own the session, and nothing but that keeps them out; `narrow` comes with
 * a token whose only scope is one that nothing of a member's asks for.
 */
export const askers = [
  "anonymous",
  "stranger",
  "viewer",
  "editor",
  "owner",
  "auditor",
  "admin",
  "disabled",
  "expired",
  "narrow",
] as const;
export type Asker = (typeof askers)[number];

/** `allowed`: the rules let it through, whatever the act itself then says of an empty request. */
export type Expected = "allowed" | "unauthenticated" | "forbidden" | "not_found" | "no such command";
export type Row = Readonly<Record<Asker, Expected>>;

const out = {
  anonymous: "unauthenticated",
  disabled: "unauthenticated",
  expired: "unauthenticated",
} as const;

/** Somebody else's session is not found, whatever one is in the organisation. */
const inSession = (viewer: Expected, editor: Expected): Row => ({
  ...out,
  stranger: "not_found",
  auditor: "not_found",
  admin: "not_found",
  viewer,
  editor,
  owner: "allowed",
  narrow: "forbidden",
});
const inOrganisation = (member: Expected, auditor: Expected, admin: Expected): Row => ({
  ...out,
  stranger: member,
  viewer: member,
  editor: member,
  owner: member,
  auditor,
  admin,
  narrow: "forbidden",
});
const all = (expected: Expected): Row =>
  Object.fromEntries(askers.map((asker) => [asker, expected])) as Record<Asker, Expected>;

const open = all("allowed");
const signedIn = inOrganisation("allowed", "allowed", "allowed");
/** What any token may ask for. */
const anyToken: Row = { ...signedIn, narrow: "allowed" };
const makers = inOrganisation("allowed", "forbidden", "allowed");
const auditors = inOrganisation("forbidden", "allowed", "allowed");
const admins = inOrganisation("forbidden", "forbidden", "allowed");
const viewers = inSession("allowed", "allowed");
const editors = inSession("forbidden", "allowed");
const owners = inSession("forbidden", "forbidden");
const internal: Row = {
  ...all("no such command"),
  anonymous: "unauthenticated",
  disabled: "unauthenticated",
  expired: "unauthenticated",
};

/**
 * What everybody may ask for, written by hand and not derived from the definitions' `needs`: a definition that is
 * loosened by mistake does not agree with it. A route that is not here fails to compile, and fails the test.
 */
export const routeMatrix: Readonly<Record<RouteName, Row>> = {
  getConfig: open,
  getHealth: open,
  getReady: open,
  getOpenApi: open,

  login: open,
  logout: open,
  getUser: anyToken,
  listTokens: signedIn,
  createToken: signedIn,
  revokeToken: signedIn,
  listSignIns: signedIn,
  revokeSignIn: signedIn,

  // Each person's own: there is no other whose they could ask for.
  listGitCredentials: signedIn,
  putGitCredential: signedIn,
  deleteGitCredential: signedIn,
  testGitCredential: signedIn,

  getSecurity: signedIn,
  changePassword: signedIn,
  beginSecondFactor: signedIn,
  confirmSecondFactor: signedIn,
  disableSecondFactor: signedIn,
  makeRecoveryCodes: signedIn,
  revokeOtherSignIns: signedIn,
  requestDeviceCode: open,
  requestDeviceToken: open,
  lookAtDevice: signedIn,
  answerDevice: signedIn,

  samlLogin: open,
  samlAnswer: open,
  backChannelLogout: open,
  getSamlMetadata: open,
  samlSignedOut: open,
  signOutAtProvider: signedIn,

  listInvitations: admins,
  createInvitation: admins,
  revokeInvitation: admins,
  lookAtInvitation: open,
  acceptInvitation: open,

  getSettings: admins,
  changeSettings: admins,

  getSignInSettings: admins,
  testSignInProvider: admins,
  listUsers: admins,
  getAdminUser: admins,
  changeUser: admins,
  deleteUser: admins,
  resetSecondFactor: admins,
  unlinkIdentity: admins,
  listAllSessions: admins,
  stopAnySession: admins,
  lookInside: admins,
  getSpend: admins,
  exportSpend: admins,
  getUsage: signedIn,

  listAudit: auditors,
  countAudit: auditors,
  getAuditEntry: auditors,
  proveAuditEntry: auditors,
  findAuditPeople: auditors,
  findAuditSessions: auditors,
  exportAuditTable: auditors,
  exportAuditLines: auditors,
  exportAuditBundle: auditors,
  getAuditStory: auditors,
  getVerification: auditors,
  startVerification: auditors,
  stopVerification: auditors,
  listAuditViews: auditors,
  createAuditView: auditors,
  changeAuditView: auditors,
  deleteAuditView: auditors,
  listDeliveries: auditors,
  testDelivery: admins,
  listAlertRules: auditors,
  createAlertRule: admins,
  changeAlertRule: admins,
  deleteAlertRule: admins,
  testAlertRule: admins,

  createSession: makers,
  listSessions: signedIn,
  getSession: viewers,
  renameSession: editors,
  deleteSession: owners,
  stopSession: editors,
  pauseSession: editors,
  keepSession: editors,
  resumeSession: editors,
  executeCommand: editors,

  listMembers: viewers,
  addMember: owners,
  changeMember: owners,
  removeMember: owners,
  leaveSession: viewers,
  listShareLinks: owners,
  createShareLink: owners,
  revokeShareLink: owners,
  lookAtShareLink: signedIn,
  acceptShareLink: signedIn,

  listFiles: viewers,
  readFile: viewers,
  writeFile: editors,
  uploadFiles: editors,
  deleteFile: editors,

  chatWithClaude: editors,
  claudeHistory: viewers,
  listConversations: viewers,
  // Of the sessions that each is something in.
  searchConversations: signedIn,
  exportConversation: viewers,

  listRecordings: auditors,
  getRecording: auditors,
  downloadRecording: auditors,

  createTask: editors,
  listTasks: viewers,
  getTask: viewers,
  cancelTask: editors,
  downloadArtifact: viewers,
};

/** The same for what browsers send over their socket. `internal` ones go from api to agent alone. */
export const commandMatrix: Readonly<Record<CommandType, Row>> = {
  "act.outcomes": internal,

  "session.watch": viewers,
  "session.unwatch": viewers,

  "terminal.create": editors,
  "terminal.list": viewers,
  "terminal.attach": viewers,
  "terminal.detach": viewers,
  "terminal.input": editors,
  "terminal.resize": editors,
  "terminal.acknowledge": viewers,
  "terminal.rename": editors,
  "terminal.close": editors,

  "recording.follow": internal,
  "recording.read": internal,
  "recording.stop": internal,

  "file.list": viewers,
  "file.stat": viewers,
  "file.make-directory": editors,
  "file.move": editors,
  "file.delete": editors,
  "file.find": viewers,
  "file.find-symbols": viewers,
  "file.search": viewers,
  "file.open-transfer": internal,

  "workspace.status": viewers,
  "workspace.clone": internal,
  "workspace.snapshot": internal,
  "workspace.size": viewers,
  "workspace.activity": internal,
  "workspace.execute": editors,
  "workspace.cancel": internal,

  "changes.list": viewers,
  "changes.read": viewers,
  "changes.revert": editors,
  "changes.commit": editors,
  "changes.init": editors,

  "chat.list": viewers,
  "chat.create": editors,
  "chat.rename": editors,
  "chat.subscribe": viewers,
  "chat.unsubscribe": viewers,
  "chat.history": viewers,
  "chat.send": editors,
  "chat.edit-queued": editors,
  "chat.remove-queued": editors,
  "chat.move-queued": editors,
  "chat.release-queue": editors,
  "chat.interrupt": editors,
  "chat.answer": editors,
  "chat.configure": editors,
  "chat.models": viewers,
  "chat.offered-models": internal,
  "chat.commands": viewers,
  "claude.context": viewers,
  "rule.list": viewers,
  "rule.remove": editors,
  "claude.servers": viewers,
  "claude.add-server": editors,
  "claude.remove-server": editors,
  "claude.switch-server": editors,
  "claude.reconnect-server": editors,
  "claude.begin-sign-in": editors,
  "claude.finish-sign-in": editors,
  "claude.setup": viewers,
  "claude.read-file": editors,
  "claude.write-file": editors,
  "claude.delete-file": editors,
  "claude.choose-style": editors,
  "claude.reload": editors,

  "chat.follow": internal,
  "chat.acknowledge": internal,
  "chat.partials": internal,

  "conversation.preview-rewind": editors,
  "conversation.rewind": editors,
  "conversation.branch": internal,
  "conversation.fork": editors,
  "conversation.archive": editors,
  "conversation.save-draft": editors,
  "conversation.drafts": viewers,
};
