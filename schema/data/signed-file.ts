import type { Modality } from '../../governance/modality.ts';
import { type Access, dataType, type PartField } from '../planner/data-type.ts';
import { plainOf, textOf, wordOf } from '../planner/json.ts';
import { artifactOf } from '../planner/recording.ts';
import type { FileColumns, Row } from '../planner/row.ts';
import type { Slot } from '../planner/slots.ts';

const fileOf = (row: Row): FileColumns => {
  if (row.file === null) throw new Error('a signed file without columns that identify it');
  return row.file;
};

const ticketArgs = (row: Row): string[] => [fileOf(row).artifactId, fileOf(row).part ?? "''"];

const ticketSlot = (row: Row, modality: Modality, value: 'url' | 'expiresAt'): Slot => ({
  kind: 'ticket',
  value,
  modality,
  grantId: row.scope.grantId(modality),
  releaseId: row.scope.release.id,
});

const ByteRange = dataType({
  name: 'ByteRange',
  description: 'Where a part lies in the packed file that holds it, in bytes from 0, both ends included.',
  fields: {
    first: {
      kind: 'value',
      type: 'SafeInt',
      nonNull: true,
      access: 'INHERITED',
      description: 'Its first byte.',
      json: (row) => plainOf(fileOf(row).range?.first ?? 'NULL'),
    },
    last: {
      kind: 'value',
      type: 'SafeInt',
      nonNull: true,
      access: 'INHERITED',
      description: 'Its last byte.',
      json: (row) => plainOf(fileOf(row).range?.last ?? 'NULL'),
    },
  },
});

export const SignedFile = dataType({
  name: 'SignedFile',
  description:
    'A file by a short-lived address that works only for the person who asked, with their cookie or token; the policy is asked again when it is used.',
  fields: {
    url: {
      kind: 'value',
      type: 'String',
      nonNull: true,
      access: 'INHERITED',
      cost: 1,
      description: 'The address, relative to this server.',
      json: (row, _, { slot, modality }) => {
        if (modality === null) throw new Error('a signed file without a modality');
        return slot(ticketSlot(row, modality, 'url'), ticketArgs(row));
      },
    },
    expiresAt: {
      kind: 'value',
      type: 'DateTime',
      nonNull: true,
      access: 'INHERITED',
      description: 'When the address stops working.',
      json: (row, _, { slot, modality }) => {
        if (modality === null) throw new Error('a signed file without a modality');
        return slot(ticketSlot(row, modality, 'expiresAt'), ticketArgs(row));
      },
    },
    contentType: {
      kind: 'value',
      type: 'String',
      nonNull: true,
      access: 'INHERITED',
      description: 'Media type of the bytes.',
      json: (row) => textOf(fileOf(row).contentType),
    },
    bytes: {
      kind: 'value',
      type: 'SafeInt',
      nonNull: true,
      access: 'INHERITED',
      description: 'Its size in bytes.',
      json: (row) => plainOf(fileOf(row).bytes),
    },
    sha256: {
      kind: 'value',
      type: 'String',
      access: 'INHERITED',
      description: 'SHA-256 of the bytes, in hexadecimal; null for a part of a packed file.',
      json: (row) => wordOf(fileOf(row).sha256 ?? 'NULL::text'),
    },
    range: {
      kind: 'part',
      type: () => ByteRange,
      access: 'INHERITED',
      description: 'Where it lies in the packed file that holds it; null for a file of its own.',
      exists: (row) => (fileOf(row).range === null ? 'false' : null),
    },
  },
});

/** A field that gives one of the recording's artifacts, whole. */
export const artifactFile = (access: Access, kind: string, description: string): PartField => ({
  kind: 'part',
  type: () => SignedFile,
  access,
  description,
  whole: true,
  exists: (row) => `${artifactOf(row, kind)}.id IS NOT NULL`,
  scope: (row) => {
    const artifact = artifactOf(row, kind);
    return row.withFile({
      artifactId: `${artifact}.id`,
      part: null,
      contentType: `${artifact}.content_type`,
      bytes: `${artifact}.bytes`,
      sha256: `${artifact}.sha256`,
      range: null,
    });
  },
});
