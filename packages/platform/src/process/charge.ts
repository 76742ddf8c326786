import { AsyncLocalStorage } from "node:async_hooks";
import { processCpu } from "./process-cpu.js";

/** CPU seconds charged to one piece of work. */
export interface Charge {
  seconds: number;
}

const charged = new AsyncLocalStorage<readonly Charge[]>();

/**
 * Runs work and returns the CPU seconds charged meanwhile at any depth: those of its programs, and those of this process
 * that it charges explicitly. 0 if none were charged.
 */
export async function charging<T>(making: () => Promise<T>): Promise<{ made: T; cpuSeconds: number }> {
  const charge: Charge = { seconds: 0 };
  const made = await charged.run([charge], making);
  return { made, cpuSeconds: charge.seconds };
}

/** The accounts charged here: for `chargingAll`, when shared work is done elsewhere. */
export const whoIsCharged = (): readonly Charge[] => charged.getStore() ?? [];

/** Runs shared work, charging each account an equal share. */
export const chargingAll = <T>(charges: readonly Charge[], work: () => Promise<T>): Promise<T> =>
  charged.run(charges, work);

/** Charges CPU seconds to the current accounts. */
export function charge(seconds: number): void {
  const all = whoIsCharged();
  for (const one of all) one.seconds += seconds / all.length;
}

/**
 * Runs work in this process and charges its share of the process's CPU time. On systems that do not report the CPU time of
 * programs nothing is charged at all, because a partial amount would be taken for the total.
 */
export async function chargingProcess<T>(work: () => Promise<T>): Promise<T> {
  if (process.platform !== "linux") return work();
  const { made, coreSeconds } = await processCpu.measure(work);
  charge(coreSeconds);
  return made;
}
