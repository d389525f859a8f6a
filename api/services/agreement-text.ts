export const AGREEMENT_TITLE = 'Data use agreement';

/** The first version's terms, in our own words; a steward publishes the institution's own as a later version. */
export const AGREEMENT_TEXT = `1. Who and what for. You use the data only for the research that your approved request describes, only while your grant lasts, and only as the people named in it. A new purpose needs a new request.

2. What you do not do. You do not try to find out who a patient is, and do not contact one. You do not use the data for surveillance, for recognising people by their faces, for detecting emotions in general, or for estimating somebody's risk or liability without their consent. Annotating facial action units is allowed.

3. Keeping it. You keep the data as your security plan says, at least as NIST SP 800-171 asks. You pass it to nobody outside the grant. You send none of it, nor anything made from it, to a public AI service.

4. What you make from it. A model, an embedding or any other thing from which a patient's data could be got back is treated like the data. Results about groups may be published; results about single patients may not.

5. Withdrawal. When a patient withdraws, you destroy your copies of their data by the day that the notice names, and say so.

6. Incidents. You report any loss, disclosure or misuse within 24 hours of learning of it.

7. The end. When your grant ends you destroy all copies, models and derivatives within 30 days and attest it; your institution countersigns.

8. Certificate of confidentiality. The data is protected by one. You disclose it in no proceeding, unless the law that governs the certificate says otherwise.

9. Logs. Every access is recorded. Access may be suspended or ended at any time when the patients' safety asks for it.
`;
