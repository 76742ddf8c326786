import type { CanvasLibrary } from "./fonts.js";

/** As the library numbers them: a width of 5 and no slant are the ordinary ones. */
const ORDINARY = { width: 5, slant: 0 };

/**
 * The weight of a family (100 to 900) that is nearest to the wanted one, variable fonts included. The library makes a bold
 * of its own where a family has none: counters and dots of heavy fonts close up then, so it is never asked for one.
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

/** The nearest of some weights, the heavier of two equally near; the wanted one where there are none. */
function nearest(wanted: number, weights: readonly number[]): number {
  const [best = wanted] = weights.toSorted((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted) || b - a);
  return best;
}
