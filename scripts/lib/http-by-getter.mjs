/**
 * An esbuild plugin. When an ES module imports node:http, Node reads all of its exports at once, and one of them
 * (WebSocket) loads all of undici: 7 MB and tens of milliseconds in every process. Taken this way, only what is used
 * is read.
 */
export const httpByGetter = {
  name: "http-by-getter",
  setup(build) {
    build.onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === "import-statement" ? { path: "http", namespace: "builtin" } : undefined,
    );
    build.onLoad({ filter: /^http$/, namespace: "builtin" }, () => ({
      contents: 'module.exports = process.getBuiltinModule("node:http");',
    }));
  },
};
