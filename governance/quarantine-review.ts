const DAY_MS = 86_400_000;

/** Days after which somebody else has to have looked at a new quarantine, and at one that was kept. */
export const REVIEW_DAYS = { first: 7, again: 90 } as const;

export const QUARANTINE_REVIEWS = ['KEEP', 'LIFT'] as const;
export type QuarantineReview = (typeof QUARANTINE_REVIEWS)[number];

/** When a quarantine is to be looked at, a first time or again; null for one that was lifted. */
export const reviewDueAt = (of: {
  readonly placedAt: Date;
  readonly reviewedAt: Date | null;
  readonly liftedAt: Date | null;
}): Date | null => {
  if (of.liftedAt !== null) return null;
  const days = of.reviewedAt === null ? REVIEW_DAYS.first : REVIEW_DAYS.again;
  return new Date((of.reviewedAt ?? of.placedAt).getTime() + days * DAY_MS);
};

export const REVIEW_REFUSALS = {
  OWN_QUARANTINE: 'Somebody else than who placed it has to look at it; to end it, lift it.',
  ALREADY_LIFTED: 'It was lifted already.',
  REASON_MISSING: 'Say why it stays.',
} as const;
export type ReviewRefusal = keyof typeof REVIEW_REFUSALS;

/** Why this review is not taken; null where it is. */
export const refuseReview = (
  of: { readonly placedById: string; readonly liftedAt: Date | null },
  review: { readonly by: string; readonly outcome: QuarantineReview; readonly reason: string },
): ReviewRefusal | null => {
  if (of.liftedAt !== null) return 'ALREADY_LIFTED';
  if (of.placedById === review.by) return 'OWN_QUARANTINE';
  return review.outcome === 'KEEP' && review.reason === '' ? 'REASON_MISSING' : null;
};
