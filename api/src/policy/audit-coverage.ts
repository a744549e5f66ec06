import type { AuditAction, CommandType, RouteName } from "@remote-claude/protocol";

/** What a route or a command leaves on record when it does what it is for; or why it leaves nothing. */
export type Coverage = readonly [AuditAction, ...AuditAction[]] | { readonly unrecorded: string };

const unrecorded = (why: string): Coverage => ({ unrecorded: why });
/** Shows people what is theirs, or what the installation is: no content of a session, nobody else's data. */
const read = unrecorded("a read of what one's own pages show");
/** Names and numbers for admins; what is in a session they do not show. */
const adminRead = unrecorded("a read of what an admin's pages show, without anything from inside a session");
/** What one sees who is part of the session, and was put there on record. */
const sessionRead = unrecorded("a read within a session that one is part of");
const stream = unrecorded("follows what goes on in a session that one is part of");
const pending = unrecorded("prepares what is on record once it is done");
const bookmark = unrecorded("a name for filters, for oneself; looking by them is on record");
const nobody = unrecorded("tells nobody anything of anybody");

/**
 * Everything that can be asked for, and what of it is on record. A new route or command must be here, or this does not
 * compile; audit-coverage.test.ts asks for them and looks.
 */
export const routeCoverage: Readonly<Record<RouteName, Coverage>> = {
  getConfig: nobody,
  getHealth: nobody,
  getReady: nobody,
  getOpenApi: nobody,

  login: ["sign-in.succeeded"],
  logout: ["sign-in.ended"],
  getUser: read,
  listTokens: read,
  createToken: ["token.created"],
  revokeToken: ["token.revoked"],
  listSignIns: read,
  revokeSignIn: ["sign-in.ended"],
  revokeOtherSignIns: ["sign-in.ended"],

  listGitCredentials: read,
  putGitCredential: ["git-credential.stored"],
  deleteGitCredential: ["git-credential.deleted"],
  testGitCredential: ["git-credential.tested"],

  getSecurity: read,
  changePassword: ["user.password-changed"],
  beginSecondFactor: pending,
  confirmSecondFactor: ["user.second-factor-enabled"],
  disableSecondFactor: ["user.second-factor-disabled"],
  makeRecoveryCodes: ["user.recovery-codes-made"],
  requestDeviceCode: pending,
  requestDeviceToken: ["token.created"],
  lookAtDevice: read,
  answerDevice: ["device.approved", "device.denied"],

  samlLogin: pending,
  samlAnswer: ["sign-in.failed", "sign-in.succeeded"],
  backChannelLogout: ["sign-in.ended"],
  getSamlMetadata: nobody,
  samlSignedOut: ["sign-in.ended"],
  signOutAtProvider: pending,

  listInvitations: adminRead,
  createInvitation: ["invitation.created"],
  revokeInvitation: ["invitation.revoked"],
  lookAtInvitation: pending,
  acceptInvitation: ["invitation.accepted"],

  getSettings: adminRead,
  changeSettings: ["settings.changed"],
  getSignInSettings: adminRead,
  testSignInProvider: unrecorded("asks a provider whether it is there; nothing changes, nobody signs in"),
  listUsers: adminRead,
  getAdminUser: adminRead,
  changeUser: ["user.role-changed", "user.disabled", "user.enabled", "user.budget-changed"],
  deleteUser: ["user.deleted"],
  resetSecondFactor: ["user.second-factor-reset"],
  unlinkIdentity: ["user.unlinked"],
  listAllSessions: adminRead,
  stopAnySession: ["session.stopped"],
  lookInside: ["session.looked-inside"],
  getSpend: adminRead,
  exportSpend: adminRead,
  getUsage: read,

  listAudit: ["audit.viewed"],
  countAudit: ["audit.viewed"],
  getAuditEntry: ["audit.viewed"],
  proveAuditEntry: ["audit.viewed"],
  exportAuditTable: ["audit.exported"],
  exportAuditLines: ["audit.exported"],
  exportAuditBundle: ["audit.exported"],
  getAuditStory: ["audit.viewed"],
  getVerification: read,
  startVerification: ["audit.verified"],
  stopVerification: unrecorded("what ends is on record with how far it came"),
  listAuditViews: read,
  createAuditView: bookmark,
  changeAuditView: bookmark,
  deleteAuditView: bookmark,
  findAuditPeople: unrecorded("names to filter the record by; what is then looked for is on record"),
  findAuditSessions: unrecorded("names to filter the record by; what is then looked for is on record"),
  listDeliveries: unrecorded("how far deliveries of the record are, without anything of the record"),
  testDelivery: ["audit.delivery-tested"],
  listAlertRules: unrecorded(
    "what is told of the record, and to whom, as those it is sent to read it anyway",
  ),
  createAlertRule: ["alert.rule-created"],
  changeAlertRule: ["alert.rule-changed"],
  deleteAlertRule: ["alert.rule-deleted"],
  testAlertRule: ["alert.tested"],

  createSession: ["session.created"],
  listSessions: read,
  getSession: sessionRead,
  renameSession: ["session.renamed"],
  deleteSession: ["session.deleted"],
  stopSession: ["session.stopped"],
  pauseSession: ["session.paused"],
  keepSession: unrecorded("counts as use of the session: it goes on as it is"),
  resumeSession: ["session.resumed"],
  executeCommand: ["command.executed"],

  listMembers: sessionRead,
  addMember: ["session.shared"],
  changeMember: ["session.member-changed"],
  removeMember: ["session.member-removed"],
  leaveSession: ["session.left"],
  listShareLinks: sessionRead,
  createShareLink: ["session.link-made"],
  revokeShareLink: ["session.link-revoked"],
  lookAtShareLink: pending,
  acceptShareLink: ["session.joined"],

  listFiles: sessionRead,
  readFile: ["file.read", "file.downloaded"],
  writeFile: ["file.written", "file.uploaded"],
  uploadFiles: ["file.uploaded"],
  deleteFile: ["file.deleted"],

  chatWithClaude: ["claude.prompted"],
  claudeHistory: sessionRead,
  listConversations: sessionRead,
  searchConversations: sessionRead,
  exportConversation: ["claude.exported"],
  createTask: ["task.created"],
  listTasks: sessionRead,
  getTask: sessionRead,
  cancelTask: ["task.cancelled"],
  downloadArtifact: ["artifact.downloaded"],

  listRecordings: unrecorded("which recordings there are, without anything of what they show"),
  getRecording: unrecorded("when a recording is from, without anything of what it shows"),
  downloadRecording: ["recording.viewed"],
};

export const commandCoverage: Readonly<Record<CommandType, Coverage>> = {
  "act.outcomes": unrecorded("asks how acts ended, which is then on record"),

  "session.watch": stream,
  "session.unwatch": stream,

  "terminal.create": ["terminal.opened"],
  "terminal.list": sessionRead,
  "terminal.attach": stream,
  "terminal.detach": stream,
  // A row for each key would hold passwords; what a terminal shows is the recording's.
  "terminal.input": unrecorded("the terminal that it goes to is on record, from its opening to its end"),
  "terminal.resize": unrecorded("changes what one sees, and nothing else"),
  "terminal.acknowledge": stream,
  "terminal.rename": unrecorded("changes what one sees, and nothing else"),
  "terminal.close": ["terminal.closed"],

  "recording.follow": stream,
  "recording.read": stream,
  "recording.stop": stream,

  "file.list": sessionRead,
  "file.stat": sessionRead,
  "file.make-directory": ["directory.created"],
  "file.move": ["file.moved"],
  "file.delete": ["file.deleted"],
  "file.find": sessionRead,
  "file.find-symbols": sessionRead,
  "file.search": sessionRead,
  "file.open-transfer": pending,

  "workspace.status": sessionRead,
  "workspace.clone": pending,
  "workspace.snapshot": pending,
  "workspace.size": sessionRead,
  "workspace.activity": sessionRead,
  "workspace.execute": ["command.executed"],
  "workspace.cancel": unrecorded("ends a command that is on record"),

  "changes.list": sessionRead,
  "changes.read": sessionRead,
  "changes.revert": ["change.reverted"],
  "changes.commit": ["git.committed"],
  "changes.init": ["git.initialised"],

  "chat.list": sessionRead,
  "chat.create": unrecorded("an empty conversation: its first message is on record"),
  "chat.rename": unrecorded("changes what one sees, and nothing else"),
  "chat.subscribe": stream,
  "chat.unsubscribe": stream,
  "chat.history": sessionRead,
  "chat.send": ["claude.prompted"],
  "chat.edit-queued": ["claude.prompted"],
  "chat.remove-queued": ["claude.prompt-removed"],
  "chat.move-queued": unrecorded("the order of prompts that are on record; the journal has it"),
  "chat.release-queue": unrecorded("prompts that are on record go on; the journal has it"),
  "chat.interrupt": ["claude.interrupted"],
  "chat.answer": ["claude.permission-answered"],
  "chat.configure": ["claude.configured"],
  "chat.models": sessionRead,
  "chat.offered-models": sessionRead,
  "chat.commands": sessionRead,
  "claude.context": sessionRead,
  "rule.list": sessionRead,
  "rule.remove": ["claude.rule-removed"],
  "claude.servers": sessionRead,
  "claude.add-server": ["claude.server-added"],
  "claude.remove-server": ["claude.server-removed"],
  "claude.switch-server": ["claude.server-switched"],
  "claude.reconnect-server": unrecorded("a server that is on record is connected anew as it is"),
  "claude.begin-sign-in": unrecorded("nothing is signed in by it; what ends it is on record"),
  "claude.finish-sign-in": ["claude.server-signed-in"],
  "claude.setup": sessionRead,
  "claude.read-file": sessionRead,
  "claude.write-file": ["claude.setup-changed"],
  "claude.delete-file": ["claude.setup-changed"],
  "claude.choose-style": ["claude.setup-changed"],
  "claude.reload": unrecorded("files whose changes are on record are read anew"),

  "chat.follow": stream,
  "chat.acknowledge": stream,
  "chat.partials": stream,

  "conversation.preview-rewind": sessionRead,
  "conversation.rewind": ["claude.rewound"],
  "conversation.branch": pending,
  "conversation.fork": ["claude.forked"],
  "conversation.archive": ["claude.archived", "claude.unarchived"],
  "conversation.save-draft": unrecorded("what one has not sent is one's own"),
  "conversation.drafts": read,
};
