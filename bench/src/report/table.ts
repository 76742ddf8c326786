import { type FigureAbout, type Goal, reached } from "../benchmark.js";
import { BENCHMARKS } from "../benchmarks.js";

export type Report = Readonly<Record<string, number | string | boolean>>;

/** A report as text: the results with their goals, then the context. */
export function tableOf(report: Report): string {
  const figures = Object.values(BENCHMARKS).flatMap((benchmark) => Object.entries(benchmark.figures));
  const lines = (wanted: (about: FigureAbout) => boolean) =>
    figures.flatMap(([name, about]) => {
      const value = report[name];
      // Goals do not apply to a quick run.
      const { goal: _, ...goalless } = about;
      return wanted(about) && typeof value === "number" ? [line(name, value, report.quick ? goalless : about)] : [];
    });
  const { cpu, cores, memoryMb, system, node, loadBefore, othersCpuPercent, runSeconds } = report;
  return [
    `${cpu}, ${cores} cores, ${memoryMb} MB; ${system}, Node ${node}; load before: ${Number(loadBefore).toFixed(1)}`,
    `${runSeconds} s in all; others took ${othersCpuPercent} % of the cores' time meanwhile.`,
    ...(report.quick ? ["Quick: small and short everything. These figures say that it runs, and nothing else."] : []),
    "",
    ...lines(({ goal }) => goal !== undefined),
    "",
    ...lines(({ goal }) => goal === undefined),
  ].join("\n");
}

function line(name: string, value: number, { goal, unit, about }: FigureAbout): string {
  const requirement = goal && askedBy(goal);
  const met = goal && (reached(value, goal) ? "yes" : "no");
  const columns = [name.padEnd(27), `${written(value)} ${unit}`.trimEnd().padStart(13)];
  return [...columns, (requirement ?? "").padStart(9), (met ?? "").padEnd(3), about].join("  ");
}

function askedBy(goal: Goal): string {
  if ("within" in goal) return `1 ± ${written(goal.within)}`;
  return "atMost" in goal ? `<= ${written(goal.atMost)}` : `>= ${written(goal.atLeast)}`;
}

/** Three digits exceed the precision of such measurements. */
export const written = (value: number): string =>
  Math.abs(value) >= 100
    ? Math.round(value).toLocaleString("en")
    : value.toLocaleString("en", { maximumSignificantDigits: 3 });
