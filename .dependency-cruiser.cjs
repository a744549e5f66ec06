/**
 * Who may import whom. Each message says where the code belongs instead. Type-only imports count.
 */
const own =
  "^(protocol|service|prisma|api|session-manager|session-image/agent|egress|web|standalone|e2e|bench)/";
const inside = (...folders) => `^(${folders.join("|")})/`;

/** `from` may import only itself and `allowed` of our packages. */
const only = (from, allowed, comment) => ({
  name: `${from.replace("/", "-")}-imports`,
  severity: "error",
  comment,
  from: { path: inside(from) },
  to: { path: own, pathNot: inside(from, ...allowed) },
});

module.exports = {
  forbidden: [
    only(
      "protocol",
      [],
      "protocol is what everyone shares: it imports nothing of ours. Move what you need into protocol, or the code that needs it out.",
    ),
    only(
      "service",
      ["protocol"],
      "service is what every service does at its start, and nothing of what one of them is for: leave that in the service.",
    ),
    only(
      "prisma",
      ["protocol", "service"],
      "prisma holds schema, client and migrations; rules belong to api or egress.",
    ),
    only(
      "web",
      ["protocol", "service"],
      "web reaches the services over REST and socket.io only: define the message in protocol, serve it in api.",
    ),
    only(
      "session-image/agent",
      ["protocol"],
      "the agent lives in the session: it knows the protocol and nothing of the server.",
    ),
    only(
      "session-manager",
      ["protocol", "service"],
      "session-manager runs places; database and rules belong to api.",
    ),
    only(
      "egress",
      ["protocol", "service", "prisma"],
      "egress stands alone between sessions and the world; share through protocol or the database. Reading settings is in service.",
    ),
    only(
      "api",
      ["protocol", "service", "prisma"],
      "api talks to session-manager over HTTP and to agents over their socket: use the protocol.",
    ),
    {
      name: "service-stays-small",
      severity: "error",
      comment:
        "service is loaded by every process: no server, database or client in it. Put that into the process that needs it.",
      from: { path: "^service/src", pathNot: "\\.test\\.ts$" },
      to: { path: "node_modules/", pathNot: "node_modules/(zod|yaml)/" },
    },
    {
      name: "protocol-is-pure",
      severity: "error",
      comment: "protocol does no I/O and runs in browsers too: put Node code into the process that needs it.",
      from: { path: "^protocol/src", pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "dockerode-belongs-to-session-manager",
      severity: "error",
      comment: "session-manager is the only process that may touch docker.sock: ask it over HTTP.",
      from: { path: own, pathNot: inside("session-manager", "e2e", "bench") },
      to: { path: "node_modules/(dockerode|@types/dockerode)/" },
    },
    {
      name: "prisma-client-belongs-to-prisma",
      severity: "error",
      comment: "take the client from @remote-claude/prisma.",
      from: { path: own, pathNot: inside("prisma") },
      to: { path: "node_modules/@prisma/" },
    },
    {
      name: "api-modules-by-their-index",
      severity: "error",
      comment: "inside api, one module uses another through its index.ts: export what others may use there.",
      from: { path: "^api/src/([^/]+)/" },
      to: { path: "^api/src/([^/]+)/(?!index\\.ts$)", pathNot: "^api/src/($1|http|lib)/" },
    },
    {
      name: "modules-do-not-import-the-edge",
      severity: "error",
      comment: "hub and http import modules, never the reverse: pass what the module needs as an argument.",
      from: {
        path: "^api/src/(?!hub/|http/|testing/|main\\.ts|app\\.ts|[^/]+$)[^/]+/",
        pathNot: "(\\.test\\.ts$)",
      },
      to: { path: "^api/src/hub/" },
    },
    {
      name: "no-cycles",
      severity: "error",
      comment: "two files that need each other share a third: find it.",
      from: { path: own },
      to: { circular: true },
    },
    {
      name: "monaco-is-loaded-by-the-browser",
      severity: "error",
      comment:
        "Monaco is a bundle of its own: import types of it, and values from web/src/workbench/editor/monaco.ts (docs/adr/0006-monaco.md).",
      from: { path: "^web/src/", pathNot: "^web/src/monaco/" },
      to: {
        path: "^web/src/monaco/(?!files\\.ts$)|node_modules/monaco-editor/",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "nobody-imports-tests",
      severity: "error",
      comment: "what tests share lives in a testing/ folder.",
      from: { pathNot: "\\.(test|spec)\\.tsx?$" },
      to: { path: "\\.(test|spec)\\.tsx?$" },
    },
    {
      name: "no-unresolvable",
      severity: "error",
      comment: "the import leads nowhere: is the dependency in this package's package.json?",
      from: { path: own },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|\\.next|web/public|generated)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".cjs", ".json", ".d.ts"],
    },
  },
};
