/** What of a figure is asked for. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number };

export interface FigureAbout {
  readonly goal?: Goal;
  readonly unit: "x" | "ms" | "s" | "MB" | "/s" | "";
  readonly about: string;
}

/** The figures that count. docs/benchmarks.md explains each. */
export const RESULTS: Readonly<Record<string, FigureAbout>> = {
  joinVsCopy: { goal: { atMost: 1.2 }, unit: "x", about: "CPU of one more video, over copying such a file" },
  joinVsReencode: { goal: { atLeast: 1500 }, unit: "x", about: "CPU of encoding it from its sources, over joining it" },
  soundtrackCpuMs: { goal: { atMost: 160 }, unit: "ms", about: "CPU of one more distinct soundtrack" },
  clip: { goal: { atMost: 1.05 }, unit: "x", about: "time of one clip, over the plain ffmpeg command" },
  firstVideo: { goal: { atMost: 1.3 }, unit: "x", about: "time to the first video, over encoding just its clips" },
  endToEnd27: { goal: { atLeast: 8 }, unit: "x", about: "time of encoding 27 videos one by one, over the batch" },
  planRssGrowthMb: { goal: { atMost: 150 }, unit: "MB", about: "growth of memory while planning" },
  estimateMs: { goal: { atMost: 50 }, unit: "ms", about: "estimate of 10,000,000 combinations" },
};

/** Context: true of the machine and the hour. */
export const CONTEXT: Readonly<Record<string, FigureAbout>> = {
  joinVsStreamCopy: { unit: "x", about: "CPU of ffmpeg -c copy of ready clips and sound, over joining them" },
  joinWriteVsCopy: { unit: "x", about: "CPU of its layout and its bytes alone, over copying such a file" },
  joinCpuMs: { unit: "ms", about: "CPU of one more video of ready parts" },
  joinWallMs: { unit: "ms", about: "time of the same" },
  copyCpuMs: { unit: "ms", about: "CPU of copying it by read and write" },
  copyWallMs: { unit: "ms", about: "time of the same" },
  streamCopyCpuMs: { unit: "ms", about: "CPU of ffmpeg -c copy" },
  reencodeCpuMs: { unit: "ms", about: "CPU of encoding it from its sources" },
  joinMegabytes: { unit: "MB", about: "size of that video" },
  joinSeconds: { unit: "s", about: "its length" },
  soundtrackWallMs: { unit: "ms", about: "time of one more distinct soundtrack" },
  soundtrackInsteadCpuMs: { unit: "ms", about: "CPU of one ffmpeg command mixing it, without any loudness" },
  soundtrackSeconds: { unit: "s", about: "its length" },
  clipSeconds: { unit: "s", about: "time of one clip" },
  clipInsteadSeconds: { unit: "s", about: "time of the plain command, as many threads" },
  clipInsteadAllCoresSeconds: { unit: "s", about: "time of the plain command, all cores" },
  clipCpuMs: { unit: "ms", about: "CPU of one clip" },
  clipInsteadCpuMs: { unit: "ms", about: "CPU of the plain command, as many threads" },
  clipInsteadAllCoresCpuMs: { unit: "ms", about: "CPU of the plain command, all cores" },
  firstVideoSeconds: { unit: "s", about: "from the submission to the first video" },
  firstVideoClipsSeconds: { unit: "s", about: "encoding just its clips" },
  endToEnd27Seconds: { unit: "s", about: "from the submission to the batch's end" },
  endToEnd27InsteadSeconds: { unit: "s", about: "encoding 27 videos, from the sample" },
  endToEnd27InsteadSampled: { unit: "", about: "videos in that sample" },
  servicesStartSeconds: { unit: "s", about: "start of all services, not counted" },
  planCombinations: { unit: "", about: "combinations planned" },
  planPerSecond: { unit: "/s", about: "combinations planned a second" },
  planRssMb: { unit: "MB", about: "memory of the planning process" },
  estimate1000000Ms: { unit: "ms", about: "estimate of 1,000,000 combinations" },
};

export const reached = (value: number, goal: Goal): boolean =>
  "atMost" in goal ? value <= goal.atMost : value >= goal.atLeast;
