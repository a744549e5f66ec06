import { useEffect, useState } from "react";

/** Where the page's box is to lie while a keyboard covers some of it. */
export interface Room {
  readonly top: number;
  readonly height: number;
  readonly bottom: "auto";
}

/**
 * What a keyboard on the screen leaves of the page, where the browser lays it over the page (Safari) instead of making
 * the page smaller; undefined: all of it.
 */
export function roomAbove(
  { height, offsetTop, scale }: Pick<VisualViewport, "height" | "offsetTop" | "scale">,
  pageHeight: number,
): Room | undefined {
  // Two fingers that zoom make it smaller as well; nothing is to move under them.
  if (Math.abs(scale - 1) > 0.01 || pageHeight - height < 1) return undefined;
  return { top: offsetTop, height, bottom: "auto" };
}

/** Keeps the text box above the keyboard of a phone. */
export function useRoomAboveKeyboard(): Room | undefined {
  const [room, setRoom] = useState<Room>();
  useEffect(() => {
    const { visualViewport } = window;
    if (visualViewport === null) return;
    const look = () => setRoom(roomAbove(visualViewport, document.documentElement.clientHeight));
    visualViewport.addEventListener("resize", look);
    visualViewport.addEventListener("scroll", look);
    return () => {
      visualViewport.removeEventListener("resize", look);
      visualViewport.removeEventListener("scroll", look);
    };
  }, []);
  return room;
}
