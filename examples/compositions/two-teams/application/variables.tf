variable "platform_state" {
  description = "The location of the platform team's state: the type of the backend, and its settings."
  type = object({
    backend = string
    config  = map(string)
  })
}

variable "team" {
  description = "The name of this team, as the platform team uses it."
  type        = string

  validation {
    condition     = contains(keys(data.terraform_remote_state.platform.outputs.issuers), var.team)
    error_message = "The platform team does not publish an issuer for \"${var.team}\". It publishes issuers for: ${join(", ", keys(data.terraform_remote_state.platform.outputs.issuers))}."
  }
}

variable "data_planes" {
  description = "The names of this team's data planes."
  type        = set(string)
}

# Ephemeral: the key is never stored in state or plan.
variable "issuer_key_pem" {
  description = "The private key of this team's intermediate, as PEM, from the team's secret store."
  type        = string
  ephemeral   = true
}

variable "running_chains_pem" {
  description = "What data planes of this team with other certificates present, as PEM, by name."
  type        = map(string)
  default     = {}

  validation {
    condition     = provider::mtls::validate_fleet(data.terraform_remote_state.platform.outputs.trust_anchors_pem, var.running_chains_pem, { at = plantimestamp() }).trusted
    error_message = provider::mtls::validate_fleet(data.terraform_remote_state.platform.outputs.trust_anchors_pem, var.running_chains_pem, { at = plantimestamp() }).summary
  }
}
