package standin

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	attribute "github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// A keeper is a resource that keeps what it is given in a store.
type keeper struct {
	store      store
	name       string
	version    int64                       // of the schema
	attributes map[string]schema.Attribute // but for id
	blocks     map[string]schema.Block
	// id makes the ID of a new object of what is configured.
	id func(object map[string]any) string
	// imported makes that ID of what people write in an import; nil: the same.
	imported func(written string) (id string, err error)
	// unique says that there can be one object of an ID: a second creation fails.
	unique bool
	// room says how many objects fit, by the attribute that says where; zero: any
	// number.
	room struct {
		in    string
		count int
	}
	// results are the values of what the real service would compute, by name;
	// what is missing here has the ID for its value.
	results map[string]any
	// answers are results that the real service computes of what it is given, when
	// an object is new.
	answers func(kept store, object map[string]any) (map[string]any, error)
	// versions names the attribute whose change makes the service take up a
	// write-only one, by the name of that.
	versions map[string]string
	// takes is how long a creation takes: what does not wait for it, shows.
	takes time.Duration
	// inStateOnly is true where the real one has no service behind it: its objects
	// exist in Terraform's state and nowhere else.
	inStateOnly bool
}

var (
	_ resource.ResourceWithModifyPlan  = keeper{}
	_ resource.ResourceWithImportState = keeper{}
)

func (k keeper) Metadata(_ context.Context, _ resource.MetadataRequest, response *resource.MetadataResponse) {
	response.TypeName = k.name
}

func (k keeper) Schema(_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
	}
	maps.Copy(attributes, k.attributes)
	response.Schema = schema.Schema{Attributes: attributes, Blocks: k.blocks, Version: k.version}
}

// ModifyPlan shows the watcher what is planned.
func (k keeper) ModifyPlan(_ context.Context, request resource.ModifyPlanRequest, response *resource.ModifyPlanResponse) {
	if request.Config.Raw.IsNull() {
		return
	}
	_, err := k.configured(request.Config.Raw)
	report(&response.Diagnostics, k.name, err)
}

// configured is a configuration, which the watcher has seen.
func (k keeper) configured(config tftypes.Value) (map[string]any, error) {
	object, err := objectOf(config)
	if err == nil && k.store.watch != nil {
		k.store.watch(k.name, object)
	}
	return object, err
}

func (k keeper) Create(_ context.Context, request resource.CreateRequest, response *resource.CreateResponse) {
	time.Sleep(k.takes)
	object, err := k.configured(request.Config.Raw)
	if err != nil {
		report(&response.Diagnostics, k.name, err)
		return
	}
	id := k.id(object)
	if err := errors.Join(k.absent(id), k.fits(object)); err != nil {
		report(&response.Diagnostics, k.name, err)
		return
	}
	if err := k.put("created", id, object); err != nil {
		report(&response.Diagnostics, k.name, err)
		return
	}
	if k.answers != nil {
		if k.results, err = k.answers(k.store, object); err != nil {
			report(&response.Diagnostics, k.name, err)
			return
		}
	}
	response.State.Raw, err = k.complete(request.Plan.Raw, id)
	report(&response.Diagnostics, k.name, err)
}

// absent is an error if there is an object of this ID, and can be only one.
func (k keeper) absent(id string) error {
	if !k.unique {
		return nil
	}
	there, err := k.get(id)
	if err == nil && there != nil {
		err = fmt.Errorf("%q already exists", path.Base(id))
	}
	return err
}

// fits is an error if there is no room for another object.
func (k keeper) fits(object map[string]any) error {
	if k.room.count == 0 {
		return nil
	}
	all, err := k.store.list(k.name)
	if err != nil {
		return err
	}
	there := 0
	for _, one := range all {
		if one[k.room.in] == object[k.room.in] {
			there++
		}
	}
	if there >= k.room.count {
		return fmt.Errorf("the %d objects that fit into %v are there already", there, object[k.room.in])
	}
	return nil
}

// ImportState finds an object by what people write.
func (k keeper) ImportState(ctx context.Context, request resource.ImportStateRequest, response *resource.ImportStateResponse) {
	id, err := request.ID, error(nil)
	if k.imported != nil {
		id, err = k.imported(request.ID)
	}
	if err != nil {
		report(&response.Diagnostics, k.name, err)
		return
	}
	object, err := k.get(id)
	if err == nil && object == nil {
		err = fmt.Errorf("there is no %q", id)
	}
	if err != nil {
		report(&response.Diagnostics, k.name, err)
		return
	}
	object["id"] = id
	response.State.Raw = valueOf(response.State.Schema.Type().TerraformType(ctx), object)
}

// Update leaves a write-only value as it is stored, unless its version changes.
func (k keeper) Update(ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse) {
	var id string
	response.Diagnostics.Append(request.State.GetAttribute(ctx, attribute.Root("id"), &id)...)
	object, err := k.configured(request.Config.Raw)
	if err != nil {
		report(&response.Diagnostics, k.name, err)
		return
	}
	before, err := k.get(id)
	if err != nil {
		report(&response.Diagnostics, k.name, err)
		return
	}
	for writeOnly, version := range k.versions {
		if object[version] == before[version] {
			object[writeOnly] = before[writeOnly]
		}
	}
	if err := k.put("updated", id, object); err != nil {
		report(&response.Diagnostics, k.name, err)
		return
	}
	response.State.Raw, err = k.complete(request.Plan.Raw, id)
	report(&response.Diagnostics, k.name, err)
}

// put keeps an object, if that is what the real one does.
func (k keeper) put(action, id string, object map[string]any) error {
	if k.inStateOnly {
		return nil
	}
	return k.store.put(action, k.name, id, object)
}

// get finds an object; nil if there is none, or in the state only.
func (k keeper) get(id string) (map[string]any, error) {
	if k.inStateOnly {
		return nil, nil
	}
	return k.store.get(k.name, id)
}

// Read finds out that an object has been taken out of the store by hand.
func (k keeper) Read(ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse) {
	if k.inStateOnly {
		return
	}
	var id string
	response.Diagnostics.Append(request.State.GetAttribute(ctx, attribute.Root("id"), &id)...)
	object, err := k.store.get(k.name, id)
	report(&response.Diagnostics, k.name, err)
	if object == nil && err == nil {
		response.State.RemoveResource(ctx)
	}
}

func (k keeper) Delete(ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse) {
	if k.inStateOnly {
		return
	}
	var id string
	response.Diagnostics.Append(request.State.GetAttribute(ctx, attribute.Root("id"), &id)...)
	report(&response.Diagnostics, k.name, k.store.remove(k.name, id))
}

// complete makes known what a plan left to the service.
func (k keeper) complete(plan tftypes.Value, id string) (tftypes.Value, error) {
	return tftypes.Transform(plan, func(at *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		if value.IsKnown() {
			return value, nil
		}
		name, _ := at.LastStep().(tftypes.AttributeName)
		if result, found := k.results[string(name)]; found {
			return tftypes.NewValue(value.Type(), result), nil
		}
		return tftypes.NewValue(value.Type(), id), nil
	})
}

func report(diagnostics *diag.Diagnostics, name string, err error) {
	if err != nil {
		diagnostics.AddError("Nothing kept", fmt.Sprintf("%s: %v", name, err))
	}
}
