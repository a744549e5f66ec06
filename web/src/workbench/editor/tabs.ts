/** The editor's tabs. At most one is a preview: the next file that is only looked at takes its place. */
export interface Tabs {
  paths: readonly string[];
  preview: string | null;
  active: string | null;
  /** Most recently used last. */
  history: readonly string[];
}

export const noTabs: Tabs = { paths: [], preview: null, active: null, history: [] };

function visited(tabs: Tabs, path: string): Tabs {
  return { ...tabs, active: path, history: [...tabs.history.filter((other) => other !== path), path] };
}

/** Opens a file beside the active one, or in place of the preview; an open one comes to the front. */
export function openTab(tabs: Tabs, path: string, preview: boolean): Tabs {
  if (tabs.paths.includes(path)) {
    const pinned = preview || tabs.preview !== path ? tabs : { ...tabs, preview: null };
    return visited(pinned, path);
  }
  if (preview && tabs.preview !== null) {
    const old = tabs.preview;
    const paths = tabs.paths.map((other) => (other === old ? path : other));
    const history = tabs.history.filter((other) => other !== old);
    return visited({ ...tabs, paths, history, preview: path }, path);
  }
  const at = tabs.active === null ? tabs.paths.length : tabs.paths.indexOf(tabs.active) + 1;
  const paths = [...tabs.paths.slice(0, at), path, ...tabs.paths.slice(at)];
  return visited({ ...tabs, paths, preview: preview ? path : tabs.preview }, path);
}

/** The file stays: it was edited, or double-clicked. */
export function pinTab(tabs: Tabs, path: string): Tabs {
  return tabs.preview === path ? { ...tabs, preview: null } : tabs;
}

/** Closes; the most recently used of the others comes to the front. */
export function closeTabs(tabs: Tabs, closed: ReadonlySet<string>): Tabs {
  const paths = tabs.paths.filter((path) => !closed.has(path));
  const history = tabs.history.filter((path) => !closed.has(path));
  const preview = tabs.preview !== null && closed.has(tabs.preview) ? null : tabs.preview;
  const active =
    tabs.active !== null && closed.has(tabs.active) ? (history.at(-1) ?? paths.at(-1) ?? null) : tabs.active;
  return { paths, history, preview, active };
}

/** A tab dragged to before another one (or to the end). */
export function moveTab(tabs: Tabs, path: string, before: string | null): Tabs {
  if (path === before) return tabs;
  const rest = tabs.paths.filter((other) => other !== path);
  const at = before === null ? rest.length : rest.indexOf(before);
  return { ...tabs, paths: [...rest.slice(0, at), path, ...rest.slice(at)] };
}

/** A file or directory was moved: its tabs go with it. */
export function renameTabs(tabs: Tabs, rename: (path: string) => string): Tabs {
  return {
    paths: tabs.paths.map(rename),
    history: tabs.history.map(rename),
    preview: tabs.preview === null ? null : rename(tabs.preview),
    active: tabs.active === null ? null : rename(tabs.active),
  };
}
