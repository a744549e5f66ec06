/**
 * The page's icon, with a mark upon it while something waits for an answer (`count` of them; 0: no mark); the ring around
 * the mark is that of the browser's tabs, light or dark. In the address itself: nothing is fetched for it.
 */
export function pageIcon(count: number): string {
  const radius = count > 1 ? 8.5 : 7;
  const text =
    count > 1
      ? `<text x="23" y="27" font-family="sans-serif" font-size="12" font-weight="bold" text-anchor="middle" fill="#fff">${count > 9 ? "9+" : count}</text>`
      : "";
  const mark =
    count > 0
      ? `<style>.ring{stroke:#fff}@media(prefers-color-scheme:dark){.ring{stroke:#202124}}</style><circle class="ring" cx="23" cy="23" r="${radius}" fill="#2563eb" stroke-width="2"/>${text}`
      : '<path d="M17 21h6" stroke="#fff" stroke-width="3" stroke-linecap="round"/>';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#c6613f"/><path d="M9 11l5 5-5 5" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/>${mark}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
