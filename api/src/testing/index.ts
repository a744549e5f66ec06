export { otherCertificate, syslogCertificate } from "./certificates.ts";
export { type ApiAnswer, ApiClient } from "./client.ts";
export { auditOf, buildSession, buildUser, gate, rowOf, sessionIn, signedInClient } from "./factories.ts";
export { FakeAgents } from "./fake-agents.ts";
export { FakeManager } from "./fake-manager.ts";
export { asked, ended, failed, Journal, prompted, said, someUsage } from "./journal.ts";
export { startSyslog, startWebhook } from "./receivers.ts";
export { connectSocket, type HeardEvent, type TestSocket } from "./socket.ts";
export { publicUrl, startApi, type TestApi, TestClock } from "./start-api.ts";
