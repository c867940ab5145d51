// Parameters in the command stream, for devices with IMMEDIATES.
var<immediate> params: Params;
