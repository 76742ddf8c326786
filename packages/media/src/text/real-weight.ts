import type { CanvasLibrary } from "./fonts.js";

/** The library's numbers for normal width and no slant. */
const ORDINARY = { width: 5, slant: 0 };

/**
 * The weight of a family (100 to 900) nearest to the wanted one, including variable fonts. For a missing weight the
 * library would synthesize bold, which closes counters and dots of heavy fonts, so it is only asked for existing ones.
 */
export function realWeight(
  wanted: number,
  family: string,
  { GlobalFonts }: Pick<CanvasLibrary, "GlobalFonts">,
): number {
  const styles = GlobalFonts.families.find((one) => one.family === family)?.styles ?? [];
  const upright = styles.filter(({ style }) => style === "normal");
  const weights = (upright.length > 0 ? upright : styles).flatMap(({ weight }) => {
    const axes = GlobalFonts.getVariationAxes(family, weight, ORDINARY.width, ORDINARY.slant);
    const axis = axes.find(({ tag }) => tag === WEIGHT_AXIS);
    return axis ? [Math.min(Math.max(wanted, axis.min), axis.max)] : [weight];
  });
  return nearest(wanted, weights);
}

const WEIGHT_AXIS = Buffer.from("wght").readUInt32BE();

/** The nearest of some weights, the heavier of two equally near; the wanted one if there are none. */
function nearest(wanted: number, weights: readonly number[]): number {
  const [best = wanted] = weights.toSorted((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted) || b - a);
  return best;
}
