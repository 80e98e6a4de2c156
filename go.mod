module github.com/trustplane/terraform-provider-mtls

go 1.26.0
