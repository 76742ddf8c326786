import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ServerReflection } from "@polyreel/contract/grpc/reflection/v1/reflection_pb.js";

/** Every method of the server's own services, as listed by reflection: "polyreel.v1.BatchService/GetBatch". */
export async function reflectedMethods(baseUrl: string): Promise<string[]> {
  const { serverReflectionInfo } = createClient(ServerReflection, createGrpcTransport({ baseUrl }));
  const answer = async (case_: "listServices" | "fileContainingSymbol", value: string) => {
    const requests = (async function* () {
      yield { messageRequest: { case: case_, value } };
    })();
    for await (const { messageResponse } of serverReflectionInfo(requests)) return messageResponse;
    throw new Error("Reflection did not answer.");
  };
  const listed = await answer("listServices", "");
  const services = listed.case === "listServicesResponse" ? listed.value.service.map(({ name }) => name) : [];
  const methods: string[] = [];
  for (const service of services.filter((name) => name.startsWith("polyreel."))) {
    const file = await answer("fileContainingSymbol", service);
    const bytes = file.case === "fileDescriptorResponse" ? (file.value.fileDescriptorProto[0] ?? []) : [];
    const descriptor = fromBinary(FileDescriptorProtoSchema, new Uint8Array(bytes));
    const found = descriptor.service.find(({ name }) => `${descriptor.package}.${name}` === service);
    methods.push(...(found?.method.map(({ name }) => `${service}/${name}`) ?? []));
  }
  return methods.sort();
}
