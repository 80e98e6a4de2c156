package trust

// A Code is the stable name of a kind of finding.
type Code string

// Every code that [Evaluate] emits. What each means is in [Catalogue].
const (
	UnknownVerifier     Code = "unknown_verifier"
	InstantMissing      Code = "instant_missing"
	InvalidOption       Code = "invalid_option"
	NothingPresented    Code = "nothing_presented"
	NothingUploaded     Code = "nothing_uploaded"
	UnusableCertificate Code = "unusable_certificate"

	Expired                  Code = "expired"
	NotYetValid              Code = "not_yet_valid"
	EndsTooSoon              Code = "ends_too_soon"
	UnknownCriticalExtension Code = "unknown_critical_extension"
	WeakKey                  Code = "weak_key"
	UnusableKey              Code = "unusable_key"
	MalformedCertificate     Code = "malformed_certificate"

	IssuerMissing         Code = "issuer_missing"
	IssuerNameDiffers     Code = "issuer_name_differs"
	SelfSignedNotUploaded Code = "self_signed_not_uploaded"
	NoUploadReached       Code = "no_upload_reached"
	UploadNotAnAnchor     Code = "upload_not_an_anchor"
	SameNameOtherKey      Code = "same_name_other_key"
	SignatureBroken       Code = "signature_broken"
	WeakSignature         Code = "weak_signature"
	UnknownAlgorithm      Code = "unknown_algorithm"
	KeyIDMismatch         Code = "key_id_mismatch"
	AmbiguousIssuer       Code = "ambiguous_issuer"
	IssuerNotUploaded     Code = "issuer_not_uploaded"

	NotACA               Code = "not_a_ca"
	MayNotSign           Code = "may_not_sign"
	PathLengthExceeded   Code = "path_length_exceeded"
	TooManyIntermediates Code = "too_many_intermediates"
	ChainTooLong         Code = "chain_too_long"
	NameExcluded         Code = "name_excluded"
	NameNotPermitted     Code = "name_not_permitted"
	NameNotComparable    Code = "name_not_comparable"
	ServerNameMismatch   Code = "server_name_mismatch"
	WrongPurpose         Code = "wrong_purpose"
	WrongKeyUsage        Code = "wrong_key_usage"
	PolicyNotSatisfied   Code = "policy_not_satisfied"
	RefusedByVerifier    Code = "refused_by_verifier"

	PinRenewed              Code = "pin_renewed"
	PinReplaced             Code = "pin_replaced"
	PinNotFirst             Code = "pin_not_first"
	NotThePinnedCertificate Code = "not_the_pinned_certificate"
	PinIsCA                 Code = "pin_is_ca"
	IssuerUploadedAsPin     Code = "issuer_uploaded_as_pin"

	Revoked                Code = "revoked"
	RevocationListStale    Code = "revocation_list_stale"
	RevocationListForeign  Code = "revocation_list_foreign"
	RevocationListUnsigned Code = "revocation_list_unsigned"
	RevocationListPartial  Code = "revocation_list_partial"
	RevocationListMissing  Code = "revocation_list_missing"
	RevocationListUnusable Code = "revocation_list_unusable"
	RevocationUnknown      Code = "revocation_unknown"
	RevocationScope        Code = "revocation_list_other_scope"
	OCSPServerMissing      Code = "ocsp_server_missing"
	OCSPIssuerMissing      Code = "ocsp_issuer_missing"

	ChainOutOfOrder Code = "chain_out_of_order"
	PresentedUnused Code = "presented_unused"
	RootPresented   Code = "root_presented"
	PresentedTwice  Code = "presented_twice"
	UploadedTwice   Code = "uploaded_twice"
	TooManyUploads  Code = "too_many_uploads"

	LimitReached    Code = "limit_reached"
	FindingsLeftOut Code = "findings_left_out"
)

// An Explanation explains a code to people who look it up.
type Explanation struct {
	Code       Code
	Severities []Severity // those it can have, errors first
	Title      string     // three to eight words
	Cause      string     // what it means; for a code of both severities, also when it refuses
	Remedy     string     // what to do about it
	Clause     string     // where the rule is written, such as "RFC 5280, 4.2.1.9"; empty if nowhere
}

// Catalogue explains every code that [Evaluate] emits, in the order of the
// questions that a reader would ask. The caller owns the result.
func Catalogue() []Explanation {
	var all []Explanation
	for _, chapter := range [][]Explanation{inputCodes(), pinCodes(), linkCodes(), signatureCodes(), certificateCodes(), rightCodes(), purposeCodes(), nameCodes(), revocationCodes(), tidinessCodes()} {
		all = append(all, chapter...)
	}
	for i := range all {
		all[i].Clause = clauseOf(all[i].Code)
	}
	return all
}

// clauseOf is where the rule of a code is written.
func clauseOf(code Code) string {
	return map[Code]string{
		Expired: "RFC 5280, 4.1.2.5", NotYetValid: "RFC 5280, 4.1.2.5", UnknownCriticalExtension: "RFC 5280, 4.2", MalformedCertificate: "RFC 5280, 4.1",
		IssuerMissing: "RFC 5280, 6.1", NoUploadReached: "RFC 5280, 6.1", SelfSignedNotUploaded: "RFC 5280, 6.1", UploadNotAnAnchor: "RFC 5280, 6.1.1 (d)",
		IssuerNameDiffers: "RFC 5280, 7.1", SameNameOtherKey: "RFC 5280, 6.1.3 (a)", SignatureBroken: "RFC 5280, 6.1.3 (a)", KeyIDMismatch: "RFC 5280, 4.2.1.1",
		NotACA: "RFC 5280, 4.2.1.9", MayNotSign: "RFC 5280, 4.2.1.3", PathLengthExceeded: "RFC 5280, 4.2.1.9", PinIsCA: "RFC 5280, 4.2.1.9",
		NameExcluded: "RFC 5280, 4.2.1.10", NameNotPermitted: "RFC 5280, 4.2.1.10", NameNotComparable: "RFC 5280, 4.2.1.10",
		ServerNameMismatch: "RFC 9525, 6.3", WrongPurpose: "RFC 5280, 4.2.1.12", WrongKeyUsage: "RFC 5280, 4.2.1.3", PolicyNotSatisfied: "RFC 5280, 6.1.5",
		Revoked: "RFC 5280, 6.3.3", RevocationListStale: "RFC 5280, 5.1.2.5", RevocationListForeign: "RFC 5280, 6.3.3", RevocationListUnsigned: "RFC 5280, 6.3.3 (f)",
		RevocationListPartial: "RFC 5280, 5.2", RevocationListMissing: "RFC 5280, 6.3.3", RevocationUnknown: "RFC 5280, 6.3", RevocationScope: "RFC 5280, 5.2.5",
		OCSPServerMissing: "RFC 5280, 4.2.2.1", OCSPIssuerMissing: "RFC 6960, 4.1.1", ChainOutOfOrder: "RFC 8446, 4.4.2", WeakKey: "RFC 8446, 4.2.3", UnusableKey: "RFC 8017, 3.1",
		WeakSignature: "RFC 9155, 2",
	}[code]
}

// weight is how far a finding puts a candidate path off from being accepted:
// what takes one certificate to mend weighs less than what takes another chain.
func weight(f finding) int {
	if f.severity != Error {
		return 0
	}
	switch f.code {
	case SignatureBroken, SameNameOtherKey, WeakSignature, UnknownAlgorithm:
		return 8
	case IssuerMissing, IssuerNameDiffers, SelfSignedNotUploaded, NoUploadReached, UploadNotAnAnchor:
		return 6
	case NotACA, MayNotSign:
		return 4
	default:
		return 2
	}
}
