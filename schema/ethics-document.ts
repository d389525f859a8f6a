import { AccessRequest } from './access-request.ts';
import { builder } from './builder.ts';
import { FileAddress } from './file-address.ts';
import type { EthicsDocumentFacts } from './services/ethics-documents.ts';

const EthicsDocument = builder.objectRef<EthicsDocumentFacts>('EthicsDocument').implement({
  description: 'The document of an ethics approval.',
  fields: (t) => ({
    sha256: t.exposeString('sha256', { description: 'SHA-256 of it, as the form names it.' }),
    contentType: t.exposeString('contentType', {
      nullable: true,
      description: 'What its file is, told from its content; null where the file is not kept here.',
    }),
    file: t.field({
      type: FileAddress,
      nullable: true,
      description:
        'Its file, for minutes and this person alone. It is whatever the applicant sent: pictures are shown in a sandbox, a PDF is saved.',
      resolve: (document, _, { ethics }) => (document.contentType === null ? null : ethics.file(document)),
    }),
  }),
});

builder.objectField(AccessRequest, 'ethicsDocument', (t) =>
  t.field({
    type: EthicsDocument,
    nullable: true,
    description:
      'The document of the ethics approval that its form names, or that of the amendment under way; for its team and stewards.',
    resolve: ({ state }, _, { ethics }) => ethics.of(state),
  }),
);
