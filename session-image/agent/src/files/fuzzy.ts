/**
 * How well a path fits what a person typed, or null when its letters are not all there in order. Higher is better:
 * letters that follow each other, begin a word, or stand in the file's name count more; long paths count less.
 */
export function fuzzyScore(query: string, path: string): number | null {
  const lowerPath = path.toLowerCase();
  const nameFrom = path.lastIndexOf("/") + 1;
  const inName = scoreFrom(query, path, lowerPath, nameFrom);
  const score = inName === null ? scoreFrom(query, path, lowerPath, 0) : inName + 20;
  if (score === null) return null;
  const exact = lowerPath.slice(nameFrom) === query ? 100 : lowerPath.startsWith(query, nameFrom) ? 40 : 0;
  return score + exact - path.length / 50;
}

/** Matched from the end, so that the letters are found as late and as close together as they can be. */
function scoreFrom(query: string, path: string, lowerPath: string, from: number): number | null {
  let score = 0;
  let previous = -1;
  let limit = path.length - 1;
  for (let at = query.length - 1; at >= 0; at--) {
    const found = lowerPath.lastIndexOf(query[at] ?? "", limit);
    if (found < from) return null;
    score += 1;
    if (found === previous - 1) score += 5;
    if (beginsWord(path, found)) score += 4;
    previous = found;
    limit = found - 1;
  }
  return score;
}

function beginsWord(path: string, at: number): boolean {
  if (at === 0) return true;
  const before = path[at - 1] ?? "";
  if (/[/._\- ]/.test(before)) return true;
  const letter = path[at] ?? "";
  return letter !== letter.toLowerCase() && before === before.toLowerCase();
}

/** The best `limit` paths, best first. */
export function fuzzyFind(query: string, paths: readonly string[], limit: number): string[] {
  const letters = query.toLowerCase().replace(/[\s\\]/g, "");
  if (letters === "") return paths.slice(0, limit);
  const scored: { path: string; score: number }[] = [];
  for (const path of paths) {
    const score = fuzzyScore(letters, path);
    if (score !== null) scored.push({ path, score });
  }
  scored.sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
  return scored.slice(0, limit).map(({ path }) => path);
}
