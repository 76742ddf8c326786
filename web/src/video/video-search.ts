/** Ways to look at two videos. */
export const views = { side: "Side by side", flip: "Flip", difference: "Difference" } as const;

export type View = keyof typeof views;

/** What the page of a video shows, as it stands in the address. */
export interface VideoSearch {
  /** Id of the combination that it is compared with. */
  readonly with?: string;
  readonly view?: View;
}

/** From any address: what it does not know is left out. */
export function readVideoSearch({ with: other, view }: Readonly<Record<string, unknown>>): VideoSearch {
  return {
    ...(typeof other === "string" && other !== "" && { with: other }),
    ...(typeof view === "string" && Object.hasOwn(views, view) && { view: view as View }),
  };
}
