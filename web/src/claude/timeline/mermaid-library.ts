import mermaid from "mermaid";

let number = 0;
/** One after the other: mermaid measures in the page, and its settings are for all. */
let last: Promise<unknown> = Promise.resolve();

export interface Diagram {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/**
 * A diagram as an SVG of its own. `strict`: its texts stay texts, and nothing in it can be clicked; labels are no
 * HTML, so that it can be shown as a picture.
 */
export function renderDiagram(source: string, dark: boolean): Promise<Diagram> {
  const rendered = last.then(() => render(source, dark));
  last = rendered.catch(() => undefined);
  return rendered;
}

async function render(source: string, dark: boolean): Promise<Diagram> {
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: "strict",
    theme: dark ? "dark" : "neutral",
    darkMode: dark,
    fontFamily: "ui-sans-serif, system-ui, sans-serif",
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    maxTextSize: 20_000,
    maxEdges: 300,
    suppressErrorRendering: true,
    secure: ["secure", "securityLevel", "startOnLoad", "maxTextSize", "maxEdges", "htmlLabels", "fontFamily"],
  });
  number += 1;
  const { svg } = await mermaid.render(`claude-diagram-${number}`, source);
  return sized(svg);
}

/** A picture needs a size of its own; mermaid gives it a width of its surroundings. */
function sized(svg: string): Diagram {
  const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  const [, , width = 0, height = 0] = (root.getAttribute("viewBox") ?? "").split(/[\s,]+/).map(Number);
  if (root.tagName !== "svg" || !(width > 0) || !(height > 0)) throw new Error("no diagram came of it");
  root.setAttribute("width", String(width));
  root.setAttribute("height", String(height));
  return { svg: new XMLSerializer().serializeToString(root), width, height };
}
