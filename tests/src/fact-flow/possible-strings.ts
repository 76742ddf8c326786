import type { Expression, Node } from "typescript/unstable/ast";
import {
  isArrowFunction,
  isBlock,
  isCallExpression,
  isIdentifier,
  isNoSubstitutionTemplateLiteral,
  isObjectLiteralExpression,
  isParameterDeclaration,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isShorthandPropertyAssignment,
  isStringLiteral,
  isTemplateExpression,
  isVariableDeclaration,
} from "typescript/unstable/ast/is";
import { type Checker, SymbolFlags, type Symbol as TsSymbol, type Type } from "typescript/unstable/sync";

/** Stands for a string that the source does not determine. As a token of a subject it matches every value. */
export const ANY = "*";

/** Possible values of a function's parameters in one call, by the parameter's `declarationKey`. */
export type Arguments = ReadonlyMap<string, readonly string[]>;

/** The symbol behind a name, through imports. */
export function symbolOf(checker: Checker, node: Node): TsSymbol | undefined {
  const symbol = checker.getSymbolAtLocation(node);
  return symbol && symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** Identifies the declaration of a symbol. Its id does not: a member of a type can have several symbols. */
export const declarationKey = (symbol: TsSymbol | undefined): string | undefined =>
  symbol?.valueDeclaration && `${symbol.valueDeclaration.path} ${symbol.valueDeclaration.index}`;

/**
 * The strings that an expression can evaluate to, with `ANY` for each part that is not determined. Reads literals, templates,
 * constants and calls of functions that are one expression; for the rest, the compiler's type.
 */
export function possibleStrings(checker: Checker, expression: Expression, given: Arguments = new Map()): string[] {
  if (isStringLiteral(expression) || isNoSubstitutionTemplateLiteral(expression)) return [expression.text];
  if (isTemplateExpression(expression)) {
    let strings = [expression.head.text];
    for (const { expression: part, literal } of expression.templateSpans) {
      const parts = possibleStrings(checker, part, given);
      strings = strings.flatMap((start) => parts.map((string) => `${start}${string}${literal.text}`));
    }
    return strings;
  }
  if (isCallExpression(expression)) {
    const body = bodyOf(checker, expression.expression);
    if (body) return possibleStrings(checker, body, argumentsOf(checker, expression, given));
  }
  if (isIdentifier(expression)) {
    const symbol = symbolOf(checker, expression);
    const strings = given.get(declarationKey(symbol) ?? "");
    if (strings) return [...strings];
    const initializer = initializerOf(symbol);
    if (initializer) return possibleStrings(checker, initializer, given);
  }
  return literalsOf(checker.getTypeAtLocation(expression)) ?? [ANY];
}

/** The strings that each parameter has in a call. */
export function argumentsOf(checker: Checker, call: Node, given: Arguments = new Map()): Arguments {
  if (!isCallExpression(call)) return new Map();
  const parameters = declarationOf(symbolOf(checker, nameOf(call.expression)))?.parameters ?? [];
  const strings = new Map<string, readonly string[]>();
  for (const [i, parameter] of parameters.entries()) {
    const key = isParameterDeclaration(parameter) ? declarationKey(symbolOf(checker, parameter.name)) : undefined;
    const argument = call.arguments[i];
    if (key && argument) strings.set(key, possibleStrings(checker, argument, given));
  }
  return strings;
}

/** The value of a property of an object literal, or of a constant that is one. */
export function propertyOf(checker: Checker, object: Node | undefined, name: string): Expression | undefined {
  const literal = object && isIdentifier(object) ? initializerOf(symbolOf(checker, object)) : object;
  if (!literal || !isObjectLiteralExpression(literal)) return undefined;
  for (const property of literal.properties) {
    if (isPropertyAssignment(property) && property.name.getText() === name) return property.initializer;
    if (isShorthandPropertyAssignment(property) && property.name.getText() === name)
      return initializerOf(checker.getShorthandAssignmentValueSymbol(property));
  }
  return undefined;
}

/** The members of a type that is a string literal or a union of them; undefined for every other type. */
export function literalsOf(type: Type | undefined): string[] | undefined {
  if (type?.isStringLiteralType()) return [type.value];
  if (!type?.isUnionType()) return undefined;
  const members = type.getTypes().map(literalsOf);
  return members.every((member) => member !== undefined) ? members.flat() : undefined;
}

/** The name of a callee: `publish` in `publisher.publish(…)`. */
export const nameOf = (callee: Node): Node => (isPropertyAccessExpression(callee) ? callee.name : callee);

type FunctionLike = Node & { readonly parameters?: readonly Node[]; readonly body?: Node };

const initializerOf = (symbol: TsSymbol | undefined): Expression | undefined => {
  const declaration = symbol?.valueDeclaration?.resolve();
  return declaration && isVariableDeclaration(declaration) ? declaration.initializer : undefined;
};

const declarationOf = (symbol: TsSymbol | undefined): FunctionLike | undefined =>
  initializerOf(symbol) ?? symbol?.valueDeclaration?.resolve();

function bodyOf(checker: Checker, callee: Node): Expression | undefined {
  const declaration = declarationOf(symbolOf(checker, nameOf(callee)));
  if (!declaration || !isArrowFunction(declaration) || isBlock(declaration.body)) return undefined;
  return declaration.body as Expression;
}
