import type { editor as Monaco } from "monaco-editor/editor/editor.api.js";

export interface ZonePlace {
  readonly key: string;
  /** The line above it; 0: before the first one. */
  readonly afterLine: number;
  /** Several after one line stand in this order. */
  readonly ordinal: number;
}

interface Zone {
  readonly node: HTMLDivElement;
  readonly widget: Monaco.IOverlayWidget;
  readonly observer: ResizeObserver;
  place: ZonePlace;
  id: string | null;
  spec: Monaco.IViewZone | null;
}

/**
 * Room between the lines of an editor, and an element in each: for buttons and text boxes, which a view zone by itself
 * cannot hold (it lies below the text). The elements stay while their keys stay.
 */
export class LineZones {
  readonly #code: Monaco.ICodeEditor;
  readonly #zones = new Map<string, Zone>();
  readonly #layout: { dispose(): void };

  constructor(code: Monaco.ICodeEditor) {
    this.#code = code;
    this.#layout = code.onDidLayoutChange(() => {
      for (const zone of this.#zones.values()) this.#fit(zone);
    });
  }

  /** Brings the zones in line with these places; answers with their elements. */
  set(places: readonly ZonePlace[]): ReadonlyMap<string, HTMLElement> {
    const wanted = new Map(places.map((place) => [place.key, place]));
    this.#code.changeViewZones((accessor) => {
      for (const [key, zone] of [...this.#zones]) {
        if (wanted.has(key)) continue;
        if (zone.id !== null) accessor.removeZone(zone.id);
        this.#drop(key, zone);
      }
      for (const place of places) {
        const zone = this.#zones.get(place.key) ?? this.#make(place);
        const same = zone.place.afterLine === place.afterLine && zone.place.ordinal === place.ordinal;
        if (zone.id !== null && same) continue;
        if (zone.id !== null) accessor.removeZone(zone.id);
        zone.place = place;
        this.#add(accessor, zone);
      }
    });
    return new Map([...this.#zones].map(([key, { node }]) => [key, node]));
  }

  dispose(): void {
    this.#layout.dispose();
    // The editor may be gone already, and its zones with it.
    for (const [key, zone] of [...this.#zones]) this.#drop(key, zone);
  }

  #make(place: ZonePlace): Zone {
    const node = document.createElement("div");
    node.className = "review-zone";
    const widget: Monaco.IOverlayWidget = {
      getId: () => `review-zone-${place.key}`,
      getDomNode: () => node,
      getPosition: () => null,
    };
    const observer = new ResizeObserver(() => this.#grow(place.key));
    const zone: Zone = { node, widget, observer, place, id: null, spec: null };
    this.#zones.set(place.key, zone);
    this.#code.addOverlayWidget(widget);
    this.#fit(zone);
    return zone;
  }

  #add(accessor: Monaco.IViewZoneChangeAccessor, zone: Zone): void {
    const { node, place } = zone;
    zone.spec = {
      afterLineNumber: place.afterLine,
      ordinal: place.ordinal,
      heightInPx: Math.max(1, node.offsetHeight),
      domNode: document.createElement("div"),
      suppressMouseDown: true,
      // Scrolled out of sight it is far above.
      onDomNodeTop: (top) => {
        node.style.top = `${top}px`;
      },
    };
    zone.id = accessor.addZone(zone.spec);
    zone.observer.observe(node);
  }

  /** Its content has another height: so has the room it stands in. */
  #grow(key: string): void {
    const zone = this.#zones.get(key);
    if (zone === undefined || zone.id === null || zone.spec === null) return;
    const height = Math.max(1, zone.node.offsetHeight);
    if (zone.spec.heightInPx === height) return;
    const { id, spec } = zone;
    spec.heightInPx = height;
    this.#code.changeViewZones((accessor) => accessor.layoutZone(id));
  }

  /** As wide as the text. */
  #fit({ node }: Zone): void {
    const { contentLeft, contentWidth, verticalScrollbarWidth } = this.#code.getLayoutInfo();
    node.style.left = `${contentLeft}px`;
    node.style.width = `${Math.max(0, contentWidth - verticalScrollbarWidth)}px`;
  }

  #drop(key: string, zone: Zone): void {
    zone.observer.disconnect();
    this.#code.removeOverlayWidget(zone.widget);
    this.#zones.delete(key);
  }
}
