import { type CelEnv, type CelList, type CelValue, celEnv, celList, isCelList, isCelMap } from "@bufbuild/cel";
import type { RuleMeter } from "./rule-meter.js";
import { RulePatterns } from "./rule-patterns.js";

/**
 * The start of a macro's iteration, and the function that its list passes through. No rule can call them: a name cannot
 * begin with "@".
 */
export const TICK = "@tick";
export const RANGE = "@range";

type Resolver = CelEnv["funcs"];
type Group = NonNullable<ReturnType<Resolver["find"]>>;
type Call = Group["call"];

const patterns = new RulePatterns();
const STANDARD = celEnv({ re2: patterns });

/**
 * CEL's functions, each of which charges the meter for the size of its arguments before it runs. `stepsOfTick`: cost of
 * a macro's iteration, by its id.
 */
export function meteredEnvironment(meter: RuleMeter, stepsOfTick: ReadonlyMap<number, number>): CelEnv {
  const tick: Call = (id) => {
    meter.charge(stepsOfTick.get(Number(id)) ?? 1);
    return true;
  };
  const range: Call = (_id, _target, [list]) => {
    if (isCelList(list) || isCelMap(list)) meter.charge(list.size);
    return list;
  };
  const find = (name: string): Group | undefined => {
    if (name === TICK || name === RANGE) return calling(SAMPLE, name === TICK ? tick : range);
    const group = STANDARD.funcs.find(name);
    if (!group) return undefined;
    return calling(group, (id, target, args) => {
      const all = target === undefined ? args : [target, ...args];
      meter.charge(CALL_STEPS + stepsOf(meter, name, all));
      if (name === "_+_" && isCelList(args[0]) && isCelList(args[1])) return concatenated(args[0], args[1]);
      return group.call(id, target, args);
    });
  };
  const funcs: Resolver = Object.create(STANDARD.funcs, { find: { value: find } });
  return Object.create(STANDARD, { funcs: { value: funcs } });
}

const SAMPLE = STANDARD.funcs.find("size") as Group;

const calling = (group: Group, call: Call): Group => Object.create(group, { call: { value: call } });

/** Resolving a function's overload, and calling it. */
const CALL_STEPS = 2;
const CHARACTERS_A_STEP = 16;
/** Elements copied per step. */
const COPIED_A_STEP = 8;
/** Looking up a time zone. */
const TIME_ZONE_STEPS = 1000;

/** Cost of a function for its arguments; the contents of compared lists and maps are charged at once. */
function stepsOf(meter: RuleMeter, name: string, args: readonly CelValue[]): number {
  const [a, b] = args;
  switch (name) {
    case "_==_":
    case "_!=_":
      if (typeof a !== "string" && typeof b !== "string") walk(meter, a);
      return 0;
    case "@in":
      if (typeof a === "object") walk(meter, b);
      return isCelList(b) ? b.size / COPIED_A_STEP : 0;
    case "_+_":
      return isCelList(a) && isCelList(b) ? 1 + (a.size + b.size) / COPIED_A_STEP : textSteps(args);
    case "contains":
      return textSteps([a]) * (1 + textSteps([b]));
    case "matches":
      return typeof a === "string" && typeof b === "string" ? patterns.steps(a, b) : 0;
    case "size":
      return typeof a === "string" ? a.length / 4 : 0;
    case "_<_":
    case "_<=_":
    case "_>_":
    case "_>=_":
    case "startsWith":
    case "endsWith":
    case "string":
    case "bytes":
    case "double":
      return textSteps(args);
    default:
      // Parsing a number is quadratic in its length.
      return textSteps(args) ** 2 + (name.startsWith("get") && args.length > 1 ? TIME_ZONE_STEPS : 0);
  }
}

const textSteps = (values: readonly (CelValue | undefined)[]): number =>
  values.reduce<number>(
    (steps, value) =>
      typeof value === "string" || value instanceof Uint8Array ? steps + value.length / CHARACTERS_A_STEP : steps,
    0,
  );

/** Charges for everything in a list or map, recursively: the cost of comparing it. */
function walk(meter: RuleMeter, value: CelValue | undefined): void {
  meter.charge(1);
  if (isCelList(value)) for (const element of value) walk(meter, element);
  else if (isCelMap(value)) for (const element of value.values()) walk(meter, element);
  else if (value !== undefined) meter.charge(textSteps([value]));
}

/** Arrays behind the lists made here. */
const arrays = new WeakMap<CelList, readonly CelValue[]>();

/**
 * One flat list: the library's own concatenation refers to both halves, so that reading a list made by `map` is
 * quadratic in its length, with a deep stack.
 */
function concatenated(first: CelList, second: CelList): CelList {
  const array = arrayOf(first).concat(arrayOf(second));
  const list = celList(array);
  arrays.set(list, array);
  return list;
}

const arrayOf = (list: CelList): readonly CelValue[] => arrays.get(list) ?? [...list];
