import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor } from '../../schema/planner/cursor.ts';
import { decodeNodeId, encodeNodeId } from '../../schema/planner/node-id.ts';

const cursorOf = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');
const RELEASE = '018f7a3e-0000-7000-8000-000000000001';
const ROW = '018f7a3e-0000-7000-8000-000000000002';

describe('node ids', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), fc.integer({ min: 0, max: 2 ** 31 - 1 }), (releaseId, rowId, number) => {
        const id = { letter: 'F', releaseId, rowId, number };
        expect(decodeNodeId(encodeNodeId(id))).toEqual(id);
      }),
    );
  });

  it('are nothing when a character is changed to something that is no id', () => {
    const id = encodeNodeId({ letter: 'P', releaseId: RELEASE, rowId: ROW, number: 0 });
    expect(decodeNodeId(`${id}A`)).toBeNull();
    expect(decodeNodeId(id.slice(1))).toBeNull();
    expect(decodeNodeId(`${id.slice(0, -1)}=`)).toBeNull();
    expect(decodeNodeId(encodeNodeId({ letter: 'p', releaseId: RELEASE, rowId: ROW, number: 0 }))).toBeNull();
  });

  it('never throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        decodeNodeId(text);
      }),
    );
  });
});

describe('cursors', () => {
  it('are of one list and of the form of its keys', () => {
    expect(decodeCursor(cursorOf('patient|9001'), 'patient', ['text'])).toEqual(['9001']);
    expect(decodeCursor(cursorOf('patient|9001'), 'frame', ['integer'])).toBeNull();
    expect(decodeCursor(cursorOf('frame|12x'), 'frame', ['integer'])).toBeNull();
    expect(decodeCursor(cursorOf('frame|12|3'), 'frame', ['integer'])).toBeNull();
    expect(
      decodeCursor(cursorOf(`submission|2020-12-01 00:32:32|${ROW}`), 'submission', ['timestamp', 'uuid']),
    ).toEqual(['2020-12-01 00:32:32', ROW]);
    expect(
      decodeCursor(cursorOf(`submission|2020-02-30 00:32:32|${ROW}`), 'submission', ['timestamp', 'uuid']),
    ).toBeNull();
    expect(decodeCursor(cursorOf('frame|99999999999'), 'frame', ['integer'])).toBeNull();
  });

  it('never throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        decodeCursor(text, 'submission', ['timestamp', 'uuid']);
        decodeCursor(cursorOf(`submission|${text}|${ROW}`), 'submission', ['timestamp', 'uuid']);
      }),
    );
  });
});
