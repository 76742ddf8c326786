import { AsyncLocalStorage } from "node:async_hooks";
import { processCpu } from "./process-cpu.js";

/** What one making is charged with, in seconds of CPU. */
export interface Charge {
  seconds: number;
}

const charged = new AsyncLocalStorage<readonly Charge[]>();

/**
 * Does it; tells the CPU that was charged meanwhile, to whatever depth: that of programs it ran, whoever else was at work, and
 * of this process where it says so. 0 where nothing was.
 */
export async function charging<T>(making: () => Promise<T>): Promise<{ made: T; cpuSeconds: number }> {
  const charge: Charge = { seconds: 0 };
  const made = await charged.run([charge], making);
  return { made, cpuSeconds: charge.seconds };
}

/** Who is charged here: to be handed to `chargingAll` where others do the work for several. */
export const whoIsCharged = (): readonly Charge[] => charged.getStore() ?? [];

/** Does work for several, each of whom is charged an equal share. */
export const chargingAll = <T>(charges: readonly Charge[], work: () => Promise<T>): Promise<T> =>
  charged.run(charges, work);

/** Charges CPU to whoever it is used for. */
export function charge(seconds: number): void {
  const all = whoIsCharged();
  for (const one of all) one.seconds += seconds / all.length;
}

/**
 * Does work of this process's own, and charges it: its share of what the process takes meanwhile. Where systems don't tell what
 * programs take nothing is charged at all: a part of the truth would be taken for the whole.
 */
export async function chargingProcess<T>(work: () => Promise<T>): Promise<T> {
  if (process.platform !== "linux") return work();
  const { made, coreSeconds } = await processCpu.measure(work);
  charge(coreSeconds);
  return made;
}
