import { createFileRegistry, type DescExtension, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectRouter } from "@connectrpc/connect";
import {
  type ServerReflectionRequest,
  ServerReflection as V1,
} from "@polyreel/contract/grpc/reflection/v1/reflection_pb.js";
import {
  ServerReflection as V1Alpha,
  type ServerReflectionRequest as V1AlphaRequest,
} from "@polyreel/contract/grpc/reflection/v1alpha/reflection_pb.js";

type Question = (ServerReflectionRequest | V1AlphaRequest)["messageRequest"];

/**
 * gRPC server reflection, v1 and v1alpha, so that grpcurl and buf curl need no .proto files. `descriptors` is a
 * serialised FileDescriptorSet with all imports; `services` are the names listed.
 * Source: https://github.com/grpc/grpc/blob/master/doc/server-reflection.md
 */
export function reflection(router: ConnectRouter, descriptors: Uint8Array, services: readonly string[]): void {
  // Built on first use: it takes 150 ms, which most starts do not need.
  let answers: ReturnType<typeof createAnswers> | undefined;
  const answer: ReturnType<typeof createAnswers> = (question) => {
    answers ??= createAnswers(descriptors, services);
    return answers(question);
  };
  router.service(V1, {
    async *serverReflectionInfo(requests) {
      for await (const request of requests) {
        const { host: validHost, messageRequest } = request;
        yield { validHost, originalRequest: request, messageResponse: answer(messageRequest) };
      }
    },
  });
  router.service(V1Alpha, {
    async *serverReflectionInfo(requests) {
      for await (const request of requests) {
        const { host: validHost, messageRequest } = request;
        yield { validHost, originalRequest: request, messageResponse: answer(messageRequest) };
      }
    },
  });
}

function createAnswers(descriptors: Uint8Array, services: readonly string[]) {
  const set = fromBinary(FileDescriptorSetSchema, descriptors);
  const registry = createFileRegistry(set);
  const serialised = new Map(set.file.map((file) => [file.name, toBinary(FileDescriptorProtoSchema, file)]));

  /** A file with all its imports, itself first. */
  function withImports(name: string, found = new Set<string>()): Set<string> {
    if (found.has(name) || !serialised.has(name)) return found;
    found.add(name);
    for (const { proto } of registry.getFile(name)?.dependencies ?? []) withImports(proto.name, found);
    return found;
  }

  function fileOfSymbol(symbol: string): string | undefined {
    const whole = registry.get(symbol); // Message, enum, service, extension.
    if (whole) return whole.file.proto.name;
    const dot = symbol.lastIndexOf(".");
    const parent = registry.get(symbol.slice(0, dot));
    const name = symbol.slice(dot + 1);
    const members = [
      ...(parent?.kind === "service" ? parent.methods : []),
      ...(parent?.kind === "message" ? [...parent.fields, ...parent.oneofs] : []),
      ...(parent?.kind === "enum" ? parent.values : []),
    ];
    return members.some((member) => member.name === name) ? parent?.file.proto.name : undefined;
  }

  const extensionsOf = (typeName: string): DescExtension[] =>
    [...registry].filter((type) => type.kind === "extension").filter((type) => type.extendee.typeName === typeName);

  const failure = (errorCode: Code, errorMessage: string) => ({
    case: "errorResponse" as const,
    value: { errorCode, errorMessage },
  });

  const files = (name: string | undefined, requested: string) =>
    name !== undefined && serialised.has(name)
      ? {
          case: "fileDescriptorResponse" as const,
          value: { fileDescriptorProto: [...withImports(name)].flatMap((one) => serialised.get(one) ?? []) },
        }
      : failure(Code.NotFound, `not found: ${requested}`);

  return (question: Question) => {
    switch (question.case) {
      case "listServices":
        return { case: "listServicesResponse" as const, value: { service: services.map((name) => ({ name })) } };
      case "fileByFilename":
        return files(question.value, question.value);
      case "fileContainingSymbol":
        return files(fileOfSymbol(question.value), question.value);
      case "fileContainingExtension": {
        const { containingType, extensionNumber } = question.value;
        const found = extensionsOf(containingType).find((extension) => extension.number === extensionNumber);
        return files(found?.file.proto.name, `extension ${extensionNumber} of ${containingType}`);
      }
      case "allExtensionNumbersOfType":
        return registry.getMessage(question.value)
          ? {
              case: "allExtensionNumbersResponse" as const,
              value: {
                baseTypeName: question.value,
                extensionNumber: extensionsOf(question.value).map((extension) => extension.number),
              },
            }
          : failure(Code.NotFound, `not found: ${question.value}`);
      default:
        return failure(Code.InvalidArgument, "message_request is not set");
    }
  };
}
