/** Made when first asked for: the language's data behind it takes a browser some 15 ms. */
let relative: Intl.RelativeTimeFormat | null = null;
const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** "3 minutes ago", "yesterday"; less than a minute is "just now". */
export function formatRelative(time: string, now: number = Date.now()): string {
  const seconds = (Date.parse(time) - now) / 1000;
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) < size) continue;
    relative ??= new Intl.RelativeTimeFormat("en", { numeric: "auto" });
    return relative.format(Math.trunc(seconds / size), unit);
  }
  return "just now";
}

/** "Nov 26, 7:20 PM", on this person's clock; for what is drawn in the browser alone. */
export function formatMoment(time: string): string {
  return new Date(time).toLocaleString("en", {
    month: "short",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
  });
}

/** "4 minutes", "50 seconds": what is left of a time, and never less than nothing. */
export function formatRemaining(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [count, unit] = seconds > 60 ? [Math.ceil(seconds / 60), "minute"] : [seconds, "second"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** "12.3 MB", in decimal units as disks are sold. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** "$0.42"; what is not nothing but less than a cent is "< $0.01". */
export function formatUsd(usd: number): string {
  if (usd > 0 && usd < 0.01) return "< $0.01";
  return `$${usd.toFixed(2)}`;
}

/** "github.com/owner/repo" of any git address. */
export function formatRepository(url: string): string {
  return url
    .replace(/^[a-z]+:\/\/(git@)?/, "")
    .replace(/^git@([^:]+):/, "$1/")
    .replace(/\.git\/?$/, "");
}

/** What a browser calls itself, as people do: "Chrome on Linux". */
export function formatUserAgent(userAgent: string | null): string {
  if (userAgent === null) return "Unknown program";
  const browsers: [RegExp, string][] = [
    [/Edg\//, "Edge"],
    [/OPR\//, "Opera"],
    [/Firefox\//, "Firefox"],
    [/Chrome\//, "Chrome"],
    [/Safari\//, "Safari"],
    [/^curl\//, "curl"],
    [/^(node|undici)/i, "Node.js"],
  ];
  const systems: [RegExp, string][] = [
    [/iPhone|iPad/, "iOS"],
    [/Android/, "Android"],
    [/Windows/, "Windows"],
    [/Mac OS X|Macintosh/, "macOS"],
    [/Linux|X11/, "Linux"],
  ];
  const browser = browsers.find(([pattern]) => pattern.test(userAgent))?.[1];
  const system = systems.find(([pattern]) => pattern.test(userAgent))?.[1];
  if (browser === undefined) return userAgent.slice(0, 40);
  return system === undefined ? browser : `${browser} on ${system}`;
}
