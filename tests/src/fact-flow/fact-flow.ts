import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FactName, facts, isFactLike } from "@polyreel/contract";
import type { CallExpression, NewExpression, Node } from "typescript/unstable/ast";
import {
  isArrowFunction,
  isCallExpression,
  isClassDeclaration,
  isFunctionDeclaration,
  isMethodDeclaration,
  isNewExpression,
  isVariableDeclaration,
} from "typescript/unstable/ast/is";
import { API, type Checker, type Project, type Symbol as TsSymbol } from "typescript/unstable/sync";
import {
  ANY,
  type Arguments,
  argumentsOf,
  declarationKey,
  literalsOf,
  nameOf,
  possibleStrings,
  propertyOf,
  symbolOf,
} from "./possible-strings.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Functions of packages that subscribe to a subject. Functions that read past facts do not count. */
const SUBSCRIBING = ["followFacts", "followMessages", "listen"];

export interface FactFlow {
  readonly publishes: ReadonlySet<FactName>;
  /** The facts of its stages, and those that match the subjects it follows. */
  readonly subscribes: ReadonlySet<FactName>;
  /** The facts that package functions called by the service subscribe to. */
  readonly inherits: ReadonlySet<FactName>;
}

/** Fact names that match the pattern `<noun>.<event>`, in which either token can be `*`. */
export const factsLike = (pattern: string): FactName[] =>
  (Object.keys(facts) as FactName[]).filter((name) => isFactLike(name, pattern));

/**
 * Derives the facts that each service publishes and subscribes to from its source and that of the packages it imports, with
 * calls and types resolved by the compiler. Throws if the source does not determine them.
 */
export async function readFactFlows(): Promise<Map<string, FactFlow>> {
  const services = await readdir(join(ROOT, "services"));
  const config = (service: string) => join(ROOT, "services", service, "tsconfig.json");
  const api = new API({ cwd: ROOT });
  try {
    const snapshot = api.updateSnapshot({ openProjects: services.map(config) });
    const reached = new Map<string, boolean>();
    const flows = new Map<string, FactFlow>();
    for (const service of services) {
      const project = snapshot.getProject(config(service));
      if (!project) throw new Error(`no project ${config(service)}`);
      const source = new ServiceSource(project, join(ROOT, "services", service, "src/"));
      flows.set(service, source.flow());
      for (const [place, isReached] of source.inPackages) reached.set(place, isReached || reached.get(place) === true);
    }
    for (const [place, isReached] of reached)
      if (!isReached) throw new Error(`no service calls the function of ${place}`);
    return flows;
  } finally {
    api.close();
  }
}

/** A call or `new` expression in the source of a service or of a package that it imports. */
interface Call {
  readonly node: CallExpression | NewExpression;
  readonly file: string;
  readonly name: string;
}

class ServiceSource {
  readonly #checker: Checker;
  readonly #calls: readonly Call[];
  /** Calls in packages that publish, and whether the service reaches them. */
  readonly inPackages = new Map<string, boolean>();

  constructor(
    { program, checker }: Project,
    private readonly folder: string,
  ) {
    this.#checker = checker;
    const files = program.getSourceFileNames().filter(isRuntimeSource);
    this.#calls = files.flatMap((file) => callsIn(program.getSourceFile(file), file));
  }

  flow(): FactFlow {
    const publishes = new Set<FactName>();
    const subscribes = new Set<FactName>();
    const inherits = new Set<FactName>();
    for (const call of this.#calls) {
      for (const name of this.#published(call)) publishes.add(name);
      for (const name of this.#subscribed(call)) (this.#isOwn(call) ? subscribes : inherits).add(name);
    }
    return { publishes, subscribes, inherits };
  }

  #isOwn = ({ file }: Call): boolean => file.startsWith(this.folder);

  #published(call: Call): FactName[] {
    if (!call.name.startsWith("publish")) return [];
    const receiver = this.#symbol(call)?.getParent()?.name;
    const place = `${call.file}: ${call.node.getText()}`;
    if (receiver === "NatsConnection" && this.#isOwn(call)) throw new Error(`${place} publishes without a Publisher`);
    const [name] = call.node.arguments ?? [];
    if (receiver !== "Publisher" || !name) return [];
    // The type is narrower than the arguments if the code excludes some names before the call.
    const typed = literalsOf(this.#checker.getTypeAtLocation(name));
    if (!typed) throw new Error(`${place} can publish any fact`);
    const ways = this.#isOwn(call) ? [new Map()] : this.#waysTo(ownerOf(call));
    if (!this.#isOwn(call)) this.inPackages.set(place, ways.length > 0);
    const patterns = ways.flatMap((given) => possibleStrings(this.#checker, name, given));
    const possible = new Set<string>(patterns.flatMap((pattern) => factsLike(pattern === ANY ? "*.*" : pattern)));
    const names = typed.filter((fact): fact is FactName => possible.has(fact));
    if (ways.length > 0 && names.length === 0) throw new Error(`${place} publishes no known fact`);
    return names;
  }

  /** The arguments of each call that the service makes to a package's function, directly or through other package functions. */
  #waysTo(callee: Named, through: readonly Node[] = []): Arguments[] {
    if (through.includes(callee)) return [];
    const name = callee.name.getText();
    const declared = declarationKey(symbolOf(this.#checker, callee.name));
    const calls = this.#calls.filter((call) => call.name === name && declarationKey(this.#symbol(call)) === declared);
    return calls.flatMap((call) => {
      const outer = this.#isOwn(call) ? [new Map()] : this.#waysTo(ownerOf(call), [...through, callee]);
      return outer.map((given) => argumentsOf(this.#checker, call.node, given));
    });
  }

  #subscribed(call: Call): FactName[] {
    const { name, node } = call;
    if (name === "startStage") return this.#factOfStage(node);
    const isFollowing = SUBSCRIBING.includes(name);
    if (!isFollowing && !(name === "subscribe" && this.#isOwn(call))) return [];
    const symbol = this.#symbol(call);
    const declared = symbol?.valueDeclaration?.resolve()?.getSourceFile().fileName ?? "";
    // Another function of that name, or a call between these functions that passes the subject on.
    if (isFollowing && (!declared.includes("/packages/") || declared === call.file)) return [];
    if (!isFollowing && symbol?.getParent()?.name !== "NatsConnection") return [];
    const [first, second] = node.arguments ?? [];
    const subject = isFollowing ? (propertyOf(this.#checker, second, "subject") ?? second) : first;
    const subjects = subject ? possibleStrings(this.#checker, subject) : [ANY];
    if (subjects.includes(ANY)) throw new Error(`${call.file}: ${node.getText()} can subscribe to any subject`);
    if (!this.#isOwn(call) && this.#waysTo(ownerOf(call)).length === 0) return [];
    return subjects.flatMap((text) => {
      const [root, noun, event, ...rest] = text.split(".");
      return root === "polyreel" && rest.length === 1 ? factsLike(`${noun}.${event}`) : [];
    });
  }

  #factOfStage(node: Call["node"]): FactName[] {
    const checker = this.#checker;
    const signature = checker.getResolvedSignature(node);
    const options = signature && checker.getParameterType(signature, 0);
    const fact = options && checker.getPropertyOfType(options, "fact");
    const names = fact && literalsOf(checker.getTypeOfSymbol(fact));
    if (!names) throw new Error(`${node.getText()} is a stage of any fact`);
    return names as FactName[];
  }

  #symbol = ({ node }: Call): TsSymbol | undefined => symbolOf(this.#checker, nameOf(node.expression));
}

const isRuntimeSource = (file: string): boolean =>
  /\/(services|packages)\/[^/]+\/src\//.test(file) && !/\.test\.ts$|\.d\.ts$|\/testing\//.test(file);

function callsIn(source: Node | undefined, file: string): Call[] {
  const calls: Call[] = [];
  const visit = (node: Node): void => {
    if (isCallExpression(node) || isNewExpression(node))
      calls.push({ node, file, name: nameOf(node.expression).getText() });
    node.forEachChild(visit);
  };
  source?.forEachChild(visit);
  return calls;
}

type Named = Node & { readonly name: Node };

/** The function or method that contains a call; for a constructor, its class. */
function ownerOf({ node, file }: Call): Named {
  for (let around = node.parent; around; around = around.parent) {
    if (isFunctionDeclaration(around) || isMethodDeclaration(around) || isClassDeclaration(around)) {
      if (around.name) return around as Named;
    }
    if (isVariableDeclaration(around) && around.initializer && isArrowFunction(around.initializer))
      return around as Named;
  }
  throw new Error(`${file}: ${node.getText()} is in no named function`);
}
