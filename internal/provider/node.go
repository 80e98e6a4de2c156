package provider

import (
	"crypto/x509/pkix"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

// nodeAttributes say what certificate a node of a set gets.
func nodeAttributes() map[string]schema.Attribute {
	pointers := func(description string) schema.ListAttribute {
		return stringList(fmt.Sprintf(description, "node's certificate") + " Default: what the set says for all nodes; an empty list means none. Changing it, other than its order, re-issues the node.")
	}
	return merge(nameAttributes("Changing them, other than their order or spelling, re-issues the node."), map[string]schema.Attribute{
		"common_name": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "The common name of the subject, at most 64 characters. Default: none; then an alternative name or `csr_pem` is required. Changing it re-issues the node.",
		},
		"organization": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "The organization of the subject, at most 64 characters. Default: none. Changing it re-issues the node.",
		},
		"subject": schema.SingleNestedAttribute{
			Optional: true, Attributes: subjectParts(),
			MarkdownDescription: "Parts of the subject of this node. What it does not set is what `common_name` and `organization` say, and then the set's `subject`. Default: none. Changing it re-issues the node.",
		},
		"crl_distribution_points": pointers(crlDescription),
		"ocsp_servers":            pointers(ocspDescription),
		"csr_pem": schema.StringAttribute{
			CustomType: tfvalue.PEMType{}, Optional: true,
			Validators: []validator.String{tfvalue.OneCSR()},
			MarkdownDescription: "A certificate request (CSR, PKCS#10) as PEM, for a private key that never leaves its node. " +
				"Subject and each kind of alternative name come from it, unless they are set here; an empty list means none of that kind. " +
				"A name of another kind (UPN, SRV name, directory name) is refused, unless one of the four lists is set here: then it is left out. Default: none; a key is generated.",
		},
	})
}

// isArgumentOfNode reports whether an attribute is one of a node's.
func isArgumentOfNode(name string) bool {
	_, is := nodeAttributes()[name]
	return is
}

// readNode reads what is configured for one node of a set. The parts that all
// nodes share are in of.
func readNode(value attr.Value, of issue.Request, read *tfvalue.Reader) issue.Request {
	request := of
	object, ok := value.(types.Object)
	if !ok || !read.Known(object) {
		read.Unknown = true
		return request
	}
	own := pkix.Name{CommonName: read.Attribute(object, "common_name"), Organization: read.Optional(object, "organization")}
	if subject, is := object.Attributes()["subject"].(types.Object); is {
		own = issue.Refine(own, readSubject(subject, read))
	}
	request.Subject = issue.Refine(of.Subject, own)
	if !nodeCSR(value).IsNull() && len(own.ToRDNSequence()) == 0 {
		request.Subject = pkix.Name{} // the request's own
	}
	request.DNSNames, request.IPAddresses = read.List("dns_names", object, "dns_names"), read.List("ip_addresses", object, "ip_addresses")
	request.URIs, request.EmailAddresses = read.List("uris", object, "uris"), read.List("email_addresses", object, "email_addresses")
	request.CSR = read.CSR(nodeCSR(value))
	if pointsItself(object, "crl_distribution_points") {
		request.CRLDistributionPoints = read.List("crl_distribution_points", object, "crl_distribution_points")
	}
	if pointsItself(object, "ocsp_servers") {
		request.OCSPServers = read.List("ocsp_servers", object, "ocsp_servers")
	}
	return request
}

// pointsItself reports whether a node has a list of its own instead of the set's.
func pointsItself(node types.Object, field string) bool {
	list, is := node.Attributes()[field]
	return is && !list.IsNull()
}

// fromSet are the fields of a node's request that are the set's own.
func fromSet(value attr.Value) []string {
	node, _ := value.(types.Object)
	var fields []string
	for _, field := range pointersFields() {
		if !pointsItself(node, field) {
			fields = append(fields, field)
		}
	}
	return fields
}

// nodeCSR is the certificate request of a node; null where there is none.
func nodeCSR(value attr.Value) tfvalue.PEM {
	object, _ := value.(types.Object)
	return pemOf(object.Attributes()["csr_pem"])
}
