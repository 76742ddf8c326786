import type { FigureAbout } from "../benchmark.js";
import type { Usage } from "../measure/processes.js";

/** Processes of a batch, by their names in figures. */
const PROCESSES = {
  gateway: "Gateway",
  planner: "Planner",
  renderer: "Renderer",
  uploader: "Uploader",
  tts: "Tts",
  nats: "Nats",
};

const ofEach = <T>(batch: string, figure: (name: string) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(PROCESSES).map(([name, word]) => [`${batch}${word}PeakMb`, figure(name)]));

/** Declares the peak memory of each process, as figures with the batch's name as prefix. */
export const memoryFigures = (batch: string): Record<string, FigureAbout> =>
  ofEach(batch, (name) => ({ unit: "MB", about: `most memory of ${name}, the same batch` }));

/** Those figures. */
export const peaks = (batch: string, usages: Readonly<Record<string, Usage>>): Record<string, number> =>
  ofEach(batch, (name) => usages[name]?.peakMegabytes ?? NaN);
