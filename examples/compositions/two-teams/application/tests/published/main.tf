# The platform team's half, and its outputs in the form of a state file, as read
# by terraform_remote_state. For tests only.
variable "teams" { type = map(string) }

variable "root_key_pem" {
  type      = string
  ephemeral = true
}

variable "team_keys_pem" {
  type      = map(string)
  ephemeral = true
}

module "platform" {
  source        = "../../../platform"
  teams         = var.teams
  root_key_pem  = var.root_key_pem
  team_keys_pem = var.team_keys_pem
}

locals {
  file = "${path.root}/platform.tfstate"
  text = ["map", "string"]
}

resource "terraform_data" "state" {
  triggers_replace = jsonencode({
    version           = 4
    terraform_version = "1.11.0"
    serial            = 1
    lineage           = "8f1e4a52-6f0f-4e53-9c1b-5d3c3f0f7a10"
    resources         = []
    outputs = {
      trust_anchors_pem = { type = ["list", "string"], value = module.platform.trust_anchors_pem }
      issuers           = { type = ["map", local.text], value = module.platform.issuers }
    }
  })

  provisioner "local-exec" {
    command     = "printf %s \"$STATE\" >\"$FILE\""
    environment = { FILE = local.file, STATE = self.triggers_replace }
  }
}

output "state" {
  value = { backend = "local", config = { path = local.file } }
  # The file exists.
  depends_on = [terraform_data.state]
}

output "trust_anchors_pem" {
  value = module.platform.trust_anchors_pem
}
