/** Colours of a can of one flavour, and of the fruit it is made of. */
export interface Flavour {
  name: string;
  light: string;
  main: string;
  dark: string;
  flesh: string;
  rind: string;
  /** Of words on its main colour. */
  text: string;
}

/** The brand's colours: everything the advertisement shows is made of these. */
export const palette = {
  cream: "#fff6e6",
  ink: "#12333a",
  teal: "#0e6f6b",
  tealDark: "#0a4a4e",
  mint: "#c9efdf",
  coral: "#ff5e45",
  orange: "#ff9a2e",
  lemon: "#ffd447",
  leaf: "#2fa866",
  sky: "#3fb6e8",
  skyDark: "#0f5fa8",
  white: "#ffffff",
} as const;

export const flavours = {
  orange: {
    ...{ name: "blood orange", light: "#ff8a5c", main: "#f9502f", dark: "#a51f16" },
    ...{ flesh: "#ff8c2f", rind: "#f26a1b", text: "#fff6e6" },
  },
  lemon: {
    ...{ name: "lemon", light: "#ffe98a", main: "#ffc81f", dark: "#b37a00" },
    ...{ flesh: "#ffe066", rind: "#f5b800", text: "#7a4a00" },
  },
  lime: {
    ...{ name: "lime mint", light: "#8fe3a0", main: "#2fb56a", dark: "#0b6340" },
    ...{ flesh: "#b5e86b", rind: "#3f9f3a", text: "#fff6e6" },
  },
} as const satisfies Record<string, Flavour>;

/** The typeface, in CSS syntax. */
export const font = (sizePixels: number, weight: 400 | 700 = 700): string =>
  `${weight} ${sizePixels}px "Noto Sans", "DejaVu Sans", sans-serif`;
