/** File beside a model that describes it. */
export const MODEL_CARD = "MODEL_CARD";

const LICENCE = /^[ \t*#-]*licen[cs]e\b[*]*:[ \t*]*(?<licence>[^\s*].{0,199}?)[ \t\r]*$/imu;

/** The licence that a model's card states: "CC0"; undefined if it states none. Pure. */
export const licenceOf = (card: string): string | undefined => LICENCE.exec(card)?.groups?.licence;
