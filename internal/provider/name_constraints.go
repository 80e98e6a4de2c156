package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/trustplane/terraform-provider-mtls/internal/issue"
	"github.com/trustplane/terraform-provider-mtls/internal/tfvalue"
)

func nameConstraintsAttribute(validators ...validator.Object) schema.SingleNestedAttribute {
	names := func(description string) schema.ListAttribute { return stringList(description + " Default: none.") }
	const bareHost = " OpenSSL, and so nginx and Kong, reads a host without a leading period as that host only (RFC 5280); programs built on Go also as everything below it. " +
		"Set both forms for the same meaning everywhere: the plan warns of one without the other, and a name that either refuses is not issued."
	const domains, ranges, mailboxes = "DNS domains, each including everything below it. With a leading period, only what is below it.",
		"IP ranges in CIDR form, such as `10.0.0.0/8`.", "e-mail addresses (`ops@example.com`), hosts (`example.com`) or, with a leading period, all hosts below a domain (`.example.com`)." + bareHost
	const hosts = "hosts in URIs (`example.com`) or, with a leading period, all hosts below a domain (`.example.com`)." + bareHost
	return schema.SingleNestedAttribute{
		Optional: true, Validators: validators,
		MarkdownDescription: "Restricts the names in all certificates below this CA (RFC 5280, section 4.2.1.10). The extension is marked critical. " +
			"Kinds of names without a constraint are not restricted." +
			" Default: none. Changing it starts a new generation.",
		Attributes: map[string]schema.Attribute{
			"permitted_dns_domains":     names("Permitted " + domains),
			"excluded_dns_domains":      names("Excluded " + domains),
			"permitted_ip_ranges":       names("Permitted " + ranges),
			"excluded_ip_ranges":        names("Excluded " + ranges),
			"permitted_email_addresses": names("Permitted " + mailboxes),
			"excluded_email_addresses":  names("Excluded " + mailboxes),
			"permitted_uri_domains":     names("Permitted " + hosts),
			"excluded_uri_domains":      names("Excluded " + hosts),
		},
	}
}

func readNameConstraints(object types.Object, read *tfvalue.Reader) issue.NameConstraints {
	if !read.Known(object) {
		return issue.NameConstraints{}
	}
	part := func(name string) []string {
		return read.List("name_constraints."+name, object, name)
	}
	return issue.NameConstraints{
		PermittedDNSDomains:     part("permitted_dns_domains"),
		ExcludedDNSDomains:      part("excluded_dns_domains"),
		PermittedIPRanges:       part("permitted_ip_ranges"),
		ExcludedIPRanges:        part("excluded_ip_ranges"),
		PermittedEmailAddresses: part("permitted_email_addresses"),
		ExcludedEmailAddresses:  part("excluded_email_addresses"),
		PermittedURIDomains:     part("permitted_uri_domains"),
		ExcludedURIDomains:      part("excluded_uri_domains"),
	}
}
