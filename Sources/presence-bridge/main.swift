print("presence-bridge")
